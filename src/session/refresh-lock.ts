import type { Clock } from '../core/clock'
import type { HeldLock, TokenStorage } from '../core/token-storage'
import { isStorageError } from '../errors/is-storage-error'
import type { StorageError } from '../errors/storage-error'

/** The lock of one flight. */
export interface FlightLock {
  /** Left by the holder before (epoch ms). */
  readonly unavailableUntil?: number | undefined
  /** F3: the storage says that its lock cannot be asked for, so nothing may be exchanged. */
  readonly outOfReach?: StorageError | undefined
  /** When it was got (monotonic ms). */
  readonly heldSince: number
  /** Gives it back, once. */
  release(unavailableUntil?: number): void
}

interface Parts {
  readonly storage: TokenStorage
  readonly clock: Clock
  readonly refreshTimeoutMs: number
  /** Fires once the lock is needed no more. */
  readonly signal: AbortSignal
  readonly onError: (error: unknown) => void
}

/**
 * H3: locks fail open. The wait lasts a tenth longer than a holder may hold; those whose wait ran out take turns at a second lock;
 * then the refresh goes ahead. A lock that throws counts as none, unless it throws a `StorageError`. It is given back after `refreshTimeoutMs` whatever is still under way.
 * `undefined` where the signal ended the wait.
 */
export async function acquireLock(parts: Parts): Promise<FlightLock | undefined> {
  const { clock, refreshTimeoutMs, onError } = parts
  const answer = await firstOf(parts)
  if (answer === 'left') return undefined
  const outOfReach = isStorageError(answer) ? answer : undefined
  const held = isStorageError(answer) ? undefined : answer
  let owned = held
  const release = (unavailableUntil?: number): void => {
    const mine = owned
    owned = undefined
    cancel()
    // called in this very turn: the listeners that come next find it given back
    if (mine) (async () => mine.release(unavailableUntil))().catch(onError)
  }
  // an exchange that took all the time ends at this instant too: it comes first, and leaves its outcome
  let cancel = clock.after(refreshTimeoutMs, () => {
    cancel = clock.after(0, release)
  })
  return { unavailableUntil: held?.unavailableUntil, outOfReach, heldSince: clock.monotonic(), release }
}

async function firstOf(parts: Parts): Promise<HeldLock | StorageError | 'left' | undefined> {
  const { storage, onError } = parts
  for (const name of [undefined, 'fallback'] as const) {
    try {
      const held = await within(parts, (signal) => storage.lock?.(signal, name))
      if (held !== 'timeUp') return held
    } catch (error) {
      onError(error)
      return isStorageError(error) ? error : undefined
    }
  }
  return undefined
}

function within(
  { clock, refreshTimeoutMs, signal, onError }: Parts,
  lock: (signal: AbortSignal) => Promise<HeldLock> | undefined,
): Promise<HeldLock | undefined | 'timeUp' | 'left'> {
  const patience = new AbortController()
  return new Promise((resolve, reject) => {
    let cancel = clock.after(refreshTimeoutMs * 1.1, () => {
      patience.abort(new DOMException('The wait for the lock ran out.', 'TimeoutError'))
      // a lock that is not held by another one, but out of reach, says so as it gives up
      cancel = clock.after(0, () => resolve('timeUp'))
    })
    const settle = (then: () => void): void => {
      cancel()
      signal.removeEventListener('abort', leave)
      then()
    }
    const leave = (): void => {
      patience.abort()
      settle(() => resolve('left'))
    }
    if (signal.aborted) return leave()
    signal.addEventListener('abort', leave)
    const waiting = lock(patience.signal)
    if (!waiting) return settle(() => resolve(undefined))
    waiting.then(
      (held) => {
        if (!patience.signal.aborted)
          return settle(() => resolve(held))
          // nobody waits for it any more: a lock that comes late must not stay held
        ;(async () => held.release(held.unavailableUntil))().catch(onError)
        settle(() => resolve('timeUp'))
      },
      (error: unknown) => {
        const isTimeUp = patience.signal.aborted && !isStorageError(error)
        settle(() => (isTimeUp ? resolve('timeUp') : reject(error)))
      },
    )
  })
}
