import type { AccessToken } from './token-set'

/** When a refresh should, and when it must come before the next request (ms left of the access token). */
export interface RefreshWindows {
  /** Should: with less than this left. Shrinks to a quarter of the token's lifetime, where that is known. */
  readonly refreshAheadMs: number
  /** Must: with less than this left. Shrinks to a tenth of the token's lifetime, where that is known. */
  readonly minValidityMs: number
}

/**
 * E2, E3. `fresh`: use it · `expiring`: use it, and refresh in the background · `expired`: refresh first.
 * A token whose expiry is not known is fresh until it is refused.
 * @param now epoch ms
 */
export function freshness(
  { expiresAt, issuedAt = Number.NEGATIVE_INFINITY }: AccessToken,
  now: number,
  { refreshAheadMs, minValidityMs }: RefreshWindows,
): 'fresh' | 'expiring' | 'expired' {
  if (expiresAt === undefined) return 'fresh'
  const lifetime = expiresAt - issuedAt
  const left = expiresAt - now
  if (left <= 0 || left < Math.min(minValidityMs, lifetime / 10)) return 'expired'
  return left < Math.min(refreshAheadMs, lifetime / 4) ? 'expiring' : 'fresh'
}
