import type { Clock } from '../../core/clock'

/** The time of day at a server whose clock is never wrong: turning the wall clock of a clock it shares with a client leaves it alone. */
export function serverTime(clock: Clock): () => number {
  const origin = clock.now() - clock.monotonic()
  return () => origin + clock.monotonic()
}
