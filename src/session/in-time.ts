import type { Clock } from '../core/clock'

/** The work's own end, or `tooLate` after `ms`; the work itself goes on. */
export function inTime<T>(work: Promise<T>, ms: number, clock: Clock, tooLate: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(tooLate()))
    work.then(resolve, reject).finally(cancel)
  })
}
