const longestCooldown = 60_000
const longestRetryAfter = 300_000

/**
 * F5. How long needs reject at once after so many flights in a row have failed (ms). The first sets no cooldown; from the second on it is
 * what the server asked for (at most 5 min), or `cooldownMs`, doubling with each failure up to 60 s.
 */
export function cooldownAfter(failures: number, cooldownMs: number, retryAfterMs?: number): number {
  if (failures < 2) return 0
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, longestRetryAfter)
  return Math.min(cooldownMs * 2 ** Math.min(failures - 2, 30), Math.max(cooldownMs, longestCooldown))
}

/**
 * H3. Does whoever began to wait at `askedAt` take the outcome that was left until `unavailableUntil`? None lasts longer than a
 * `Retry-After` is honoured: one that says so was left by a wrong clock (E7). All epoch ms.
 */
export const takesOutcome = (unavailableUntil: number, askedAt: number, now: number): boolean =>
  askedAt < unavailableUntil && unavailableUntil - now <= longestRetryAfter

/**
 * F5. The pause before the exchange is tried again (ms): exponential with full jitter, up to 250 ms after the first attempt
 * (`attempt` 0), up to 5 s later.
 * @param random 0 ≤ n < 1
 */
export const retryDelay = (attempt: number, random: () => number): number =>
  random() * Math.min(250 * 2 ** attempt, 5_000)
