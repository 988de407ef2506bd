import type { Clock } from '../core/clock'
import { isPromise, type MaybePromise } from '../core/maybe-promise'
import { StorageError } from '../errors/storage-error'
import { createGate, type Gate } from './gate'

/** When the storage is read because something may have changed, and who waits for it (H4, S2). */
export interface Readings {
  /**
   * Something may have changed. Requests wait only while reading takes time. While one reading is under way, one more is owed at most:
   * it begins after all the changes that are told of until then.
   */
  start(): void
  /** What requests wait for. With `again` it is read once more where that failed before. */
  gate(again: boolean): Gate | undefined
  /** Is a reading owed: the first one, or one that failed after a change notice? */
  isOwed(): boolean
  /** What is stored is known. */
  settle(): void
  /** The app itself has said something: what is still being read is older than that. */
  overrule(): void
}

interface Parts {
  readonly clock: Clock
  readonly session: {
    epoch(): number
    isRestoring(): boolean
    /** Resolves with why it failed, if it did. `onNewer` when it brought newer tokens of the same session. */
    look(onNewer: () => void): MaybePromise<StorageError | undefined>
    failed(epoch: number, error: StorageError): void
    refreshedElsewhere(): void
  }
}

export function createReadings({ clock, session }: Parts): Readings {
  /** Of the last reading that was asked for. */
  let last: Gate | undefined
  let underWay: Promise<void> | undefined
  /** Of that one, and of the one that begins after it. */
  let present: Gate | undefined
  let next: Gate | undefined
  /** The app has spoken, and the one that would have begun after it never will. */
  let isDropped = false
  let isOwed = true

  function start(): void {
    if (next) return
    isOwed = true
    const gate = createGate(clock, () => new StorageError('The token storage took too long to answer. Try again.'))
    if (!underWay) {
      if (begin(gate)) last = gate
      return
    }
    next = last = gate
    void underWay.then(() => {
      if (next !== gate) return
      next = undefined
      begin(gate)
    })
  }

  /** True when it takes time. */
  function begin(gate: Gate): boolean {
    const epoch = session.epoch()
    present = gate
    let isNewer = false
    const done = (error: StorageError | undefined): void => {
      underWay = undefined
      const isUnsettled = error !== undefined && isDropped
      isDropped = false
      if (last === gate) last = undefined
      // also where an earlier reading succeeded meanwhile: the notice of this one is not settled
      if (error && session.epoch() === epoch) isOwed = true
      if (error) session.failed(epoch, error)
      gate.open(session.isRestoring() ? error : undefined)
      if (isNewer) session.refreshedElsewhere()
      // no other notice may come
      if (isUnsettled) start()
    }
    const looked = session.look(() => {
      isNewer = true
    })
    if (isPromise(looked)) underWay = looked.then(done)
    else done(looked)
    return isPromise(looked)
  }

  return {
    start,
    gate(again) {
      if (again && isOwed && !last) start()
      return last
    },
    isOwed: () => isOwed,
    settle() {
      isOwed = false
    },
    overrule() {
      present?.open()
      next?.open()
      isDropped ||= next !== undefined
      last = next = undefined
    },
  }
}
