import type { Clock } from '../core/clock'

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** How many timers are set. */
  readonly pending: number
  /**
   * Lets `ms` pass: runs every timer that comes due on the way, in order, those that a timer sets too. Promises settle before
   * the first, between any two and after the last. Await it. Real input and output (sockets, files) is not waited for.
   */
  advance(ms: number): Promise<void>
  /** Sets the wall clock (epoch ms). No timer runs, monotonic time stays. */
  setWallClock(at: number): void
  /** Turns the wall clock by `ms`, back when negative. No timer runs, monotonic time stays. */
  shiftWallClock(ms: number): void
}

interface Timer {
  readonly dueAt: number
  readonly task: () => void
}

/**
 * A {@link Clock} for tests.
 * @param startAt the wall clock at the beginning (epoch ms). @defaultValue 2026-01-01T00:00:00Z
 */
export function fakeClock(startAt = Date.UTC(2026, 0, 1)): FakeClock {
  const timers = new Set<Timer>()
  let elapsedMs = 0
  let wallStart = startAt

  const nextUntil = (until: number): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.dueAt <= until && (next === undefined || timer.dueAt < next.dueAt)) next = timer
    }
    return next
  }

  return {
    now: () => wallStart + elapsedMs,
    monotonic: () => elapsedMs,
    after(ms, task) {
      const timer = { dueAt: elapsedMs + (ms > 0 ? ms : 0), task }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    get pending() {
      return timers.size
    },
    async advance(ms) {
      const until = elapsedMs + ms
      await promisesSettled()
      for (let timer = nextUntil(until); timer !== undefined; timer = nextUntil(until)) {
        timers.delete(timer)
        elapsedMs = Math.max(elapsedMs, timer.dueAt)
        timer.task()
        await promisesSettled()
      }
      elapsedMs = Math.max(elapsedMs, until)
    },
    setWallClock(at) {
      wallStart = at - elapsedMs
    },
    shiftWallClock(ms) {
      wallStart += ms
    },
  }
}

/** A message takes a whole turn of the event loop, and no test runner fakes it. The second turn comes after Node's immediates. */
async function promisesSettled(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => {
        port1.close()
        resolve()
      }
      port2.postMessage(undefined)
    })
  }
}
