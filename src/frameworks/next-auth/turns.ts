import { hasWebLocks } from '../../sharing/baton-lock'
import { localLock } from '../../sharing/local-lock'

/**
 * Who may speak to the session endpoint. Each of its answers sets the cookie anew: one that arrives after a refresh or a sign-out puts
 * back what was there before, so these two are alone, in all tabs.
 */
export interface Turns {
  /** Beside others that only read. */
  together<T>(task: () => Promise<T>): Promise<T>
  /** After all that are under way, and before any that come. */
  alone<T>(task: () => Promise<T>): Promise<T>
}

/** Who takes so long is frozen, or its request hangs: nobody waits longer (ms). */
const patienceMs = 5_000

/** Between tabs by a Web Lock; without those within the page, one after another. */
export function createTurns(name: string): Turns {
  const withinPage = localLock()

  async function enter(mode: LockMode): Promise<() => void> {
    const signal = AbortSignal.timeout(patienceMs)
    if (hasWebLocks()) return requestLock(name, { mode, signal })
    const { release } = await withinPage(signal)
    return () => void release()
  }
  async function take<T>(mode: LockMode, task: () => Promise<T>): Promise<T> {
    const leave = await enter(mode).catch(() => () => {})
    try {
      return await task()
    } finally {
      leave()
    }
  }
  return {
    together: (task) => take('shared', task),
    alone: (task) => take('exclusive', task),
  }
}

/** Resolves with what gives it back. */
const requestLock = (name: string, options: LockOptions): Promise<() => void> =>
  new Promise((resolve, reject) => {
    const hold = (): Promise<void> => new Promise((release) => resolve(release))
    navigator.locks.request(name, options, hold).catch(reject)
  })
