import type { Clock } from '../core/clock'
import { isPromise, type MaybePromise } from '../core/maybe-promise'
import { StorageError } from '../errors/storage-error'
import { inTime } from './in-time'

/** Runs the calls to one storage one after another, each bounded in time. */
export type StorageCalls = <T>(call: () => MaybePromise<T>) => MaybePromise<T>

/**
 * F2: a clear can never be overtaken by the write before it, and a storage that hangs holds nobody for longer than `timeoutMs`.
 * A call that answers at once while none is under way costs no turn; it throws at once as well.
 */
export function createStorageCalls(clock: Clock, timeoutMs: number): StorageCalls {
  let last: Promise<unknown> | undefined

  const tooLate = (): StorageError =>
    new StorageError(`The token storage did not answer within refreshTimeoutMs (${timeoutMs} ms).`)
  const bounded = <T>(work: Promise<T>): Promise<T> => inTime(work, timeoutMs, clock, tooLate)
  function queue<T>(run: Promise<T>): Promise<T> {
    const mine: Promise<unknown> = run
      .catch(() => {})
      .finally(() => {
        if (last === mine) last = undefined
      })
    last = mine
    return run
  }
  return (call) => {
    if (last) return queue(last.then(() => bounded(Promise.resolve().then(call))))
    const result = call()
    return isPromise(result) ? queue(bounded(Promise.resolve(result))) : result
  }
}
