import type { HeldLock, TokenStorage } from '../core/token-storage'

type Lock = NonNullable<TokenStorage['lock']>

/** A lock among those who share this very function: held by one at a time, handed on in the order they came. */
export function localLock(): Lock {
  const queues = { main: lockQueue(), fallback: lockQueue() }
  return (signal, name) => queues[name ?? 'main'](signal)
}

function lockQueue(): (signal: AbortSignal) => Promise<HeldLock> {
  const waiting = new Set<() => void>()
  let held = false
  let left: number | undefined

  function handOn(): void {
    const [next] = waiting
    if (next === undefined) held = false
    else next()
  }
  function hold(): HeldLock {
    held = true
    let released = false
    return {
      ...(left !== undefined && { unavailableUntil: left }),
      release(unavailableUntil) {
        // a second release must not free what another one holds by now
        if (released) return
        released = true
        left = unavailableUntil
        handOn()
      },
    }
  }
  return async (signal) => {
    signal.throwIfAborted()
    if (!held) return hold()
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.delete(enter)
        signal.removeEventListener('abort', abort)
      }
      const enter = (): void => {
        leave()
        resolve(hold())
      }
      const abort = (): void => {
        leave()
        reject(signal.reason)
      }
      waiting.add(enter)
      signal.addEventListener('abort', abort)
    })
  }
}
