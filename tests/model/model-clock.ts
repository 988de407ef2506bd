import type { Clock } from '../../src/core/clock'

/** A clock that stands still until it is told to go on. Several times faster than the public fake one: the model has no streams to wait for. */
export interface ModelClock extends Clock {
  /** Runs every timer that comes due on the way; promises settle before the first, between any two and after the last. */
  advance(ms: number): Promise<void>
  /** Turns the wall clock; no timer runs, monotonic time stays. */
  turn(ms: number): void
  /** Was the wall clock ever turned? */
  readonly turned: boolean
}

export function modelClock(): ModelClock {
  const timers = new Set<{ readonly dueAt: number; readonly task: () => void }>()
  let elapsedMs = 0
  let turned = false
  let wallStart = Date.UTC(2026, 0, 1)

  function takeNext(until: number): (() => void) | undefined {
    const [next] = [...timers].filter(({ dueAt }) => dueAt <= until).sort((a, b) => a.dueAt - b.dueAt)
    if (!next) return undefined
    timers.delete(next)
    elapsedMs = Math.max(elapsedMs, next.dueAt)
    return next.task
  }
  return {
    now: () => wallStart + elapsedMs,
    monotonic: () => elapsedMs,
    after(ms, task) {
      const timer = { dueAt: elapsedMs + Math.max(0, ms), task }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    get turned() {
      return turned
    },
    async advance(ms) {
      const until = elapsedMs + ms
      await settled()
      for (let task = takeNext(until); task; task = takeNext(until)) {
        task()
        await settled()
      }
      elapsedMs = until
    },
    turn(ms) {
      turned = true
      wallStart += ms
    },
  }
}

/** Every promise that can settle has settled. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
