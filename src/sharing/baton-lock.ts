/** A lock whose holder finds the number that the holder before has left. */
export interface HeldBaton {
  readonly left: number | undefined
  /** Gives the lock back; the next holder finds `leave`. */
  release(leave?: number): Promise<void>
}

/** Who waits for a lock gets it within milliseconds of its release: what was left needs to be seen no longer than this (ms). */
const keptMs = 5_000

/** Are there Web Locks? They need a secure context. */
export const hasWebLocks = (): boolean => globalThis.navigator?.locks !== undefined

/**
 * A Web Lock that hands a number on: in the name of another lock, which the next holder sees in `locks.query()`. localStorage cannot
 * do that: where each tab is a process, what one holder wrote may not be in sight yet when the next one reads.
 * Rejects with the signal's reason.
 */
export function requestBaton(name: string, signal: AbortSignal): Promise<HeldBaton> {
  const prefix = `${name}#`
  return new Promise((resolve, reject) => {
    const hold = async (): Promise<void> => {
      const { turn, left } = newestBaton(prefix, await navigator.locks.query())
      await new Promise<void>((free) => {
        let released = false
        const release = async (leave?: number): Promise<void> => {
          if (released) return
          released = true
          try {
            if (leave !== left) await keepHeld(`${prefix}${turn + 1}:${leave ?? ''}`)
          } finally {
            free()
          }
        }
        resolve({ left, release })
      })
    }
    navigator.locks
      .request(name, { signal }, hold)
      // not every browser rejects with the signal's own reason
      .catch((error: unknown) => reject(signal.aborted ? signal.reason : error))
  })
}

function newestBaton(prefix: string, { held = [] }: LockManagerSnapshot): { turn: number; left: number | undefined } {
  let newest: { turn: number; left: number | undefined } = { turn: 0, left: undefined }
  for (const { name = '' } of held) {
    if (!name.startsWith(prefix)) continue
    const [turn = '', left = ''] = name.slice(prefix.length).split(':')
    if (Number(turn) > newest.turn) newest = { turn: Number(turn), left: left === '' ? undefined : Number(left) }
  }
  return newest
}

/** Resolves once the others can see it. */
const keepHeld = (name: string): Promise<void> =>
  new Promise((seen, failed) => {
    const hold = (): Promise<void> => {
      seen()
      return new Promise((end) => setTimeout(end, keptMs))
    }
    navigator.locks.request(name, hold).catch(failed)
  })
