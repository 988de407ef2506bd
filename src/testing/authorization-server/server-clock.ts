import type { Clock } from '../../core/clock'

/** The time of day at a server whose clock is never wrong: turning the wall clock of a clock it shares with a client leaves it alone. */
export function serverTime(clock: Clock): () => number {
  const origin = clock.now() - clock.monotonic()
  return () => origin + clock.monotonic()
}

/** Real time. A timer keeps the process alive: a client waits for its answer. */
export const realClock = (): Clock => ({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
})
