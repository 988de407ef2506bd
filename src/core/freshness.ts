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
 */
export type Freshness = 'fresh' | 'expiring' | 'expired'

/** @param now epoch ms */
export function freshness(token: AccessToken, now: number, windows: RefreshWindows): Freshness {
  const { expiresAt } = token
  if (expiresAt === undefined) return 'fresh'
  const left = expiresAt - now
  if (left <= 0 || left < Math.min(windows.minValidityMs, lifetime(token) / 10)) return 'expired'
  return left < Math.min(windows.refreshAheadMs, lifetime(token) / 4) ? 'expiring' : 'fresh'
}

/** The instant after which a token is no longer fresh (epoch ms); `undefined` where its expiry is not known. */
export function expiringAt(token: AccessToken, { refreshAheadMs, minValidityMs }: RefreshWindows): number | undefined {
  if (token.expiresAt === undefined) return undefined
  const ahead = Math.max(Math.min(refreshAheadMs, lifetime(token) / 4), Math.min(minValidityMs, lifetime(token) / 10))
  return token.expiresAt - ahead
}

const lifetime = ({ expiresAt = Number.POSITIVE_INFINITY, issuedAt = Number.NEGATIVE_INFINITY }: AccessToken): number =>
  expiresAt - issuedAt
