import type { Clock } from '../../src/core/clock'

/** What can happen next anywhere in the model: a message arrives, a storage answers, a lock is granted. The run decides in which order. */
export interface PendingSteps {
  readonly size: number
  /**
   * Resolves when the run lets it go on, by itself once `withinMs` have passed.
   * @throws the signal's reason
   */
  turn(options?: { readonly withinMs?: number; readonly signal?: AbortSignal | null | undefined }): Promise<void>
  /** Lets one go on; any number chooses one. */
  take(choice: number): void
  takeAll(): void
  /** From now on nothing waits for the run. */
  flow(): void
}

export function createPendingSteps(clock: Clock): PendingSteps {
  const steps = new Set<() => void>()
  let flows = false
  const takeAll = (): void => {
    for (const step of [...steps]) step()
  }
  return {
    get size() {
      return steps.size
    },
    turn: ({ withinMs, signal } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        if (flows) return resolve()
        const leave = (): void => {
          steps.delete(go)
          cancel?.()
          signal?.removeEventListener('abort', giveUp)
        }
        const go = (): void => {
          leave()
          resolve()
        }
        const giveUp = (): void => {
          leave()
          reject(signal?.reason)
        }
        const cancel = withinMs === undefined ? undefined : clock.after(withinMs, go)
        steps.add(go)
        signal?.addEventListener('abort', giveUp)
      }),
    take(choice) {
      if (steps.size > 0) [...steps][choice % steps.size]?.()
    },
    takeAll,
    flow() {
      flows = true
      takeAll()
    },
  }
}
