import { jwtClaims } from './jwt-claims'
import type { AccessToken } from './token-set'

/** Where a token set came from, and when (epoch ms): the instant its request was sent, or of the call or the reading. */
export type TokenOrigin =
  | { readonly from: 'refresh'; readonly sentAt: number }
  | { readonly from: 'app'; readonly now: number }
  | { readonly from: 'storage'; readonly now: number }

/** What a token set says of its access token's time. Instants are epoch ms. */
export interface StatedExpiry {
  readonly lifetimeMs: number | undefined
  readonly expiresAt: number | undefined
  readonly issuedAt: number | undefined
}

type Expiry = Pick<AccessToken, 'expiresAt' | 'issuedAt'>

/**
 * E1, E3. When the access token expires; `issuedAt` only where it is known, never made up from the moment of reading.
 * A relative lifetime counts from where it was fresh; a stored one, and a JWT's, is only a bound.
 */
export function tokenExpiry(accessToken: string, stated: StatedExpiry, origin: TokenOrigin): Expiry {
  const { lifetimeMs, expiresAt, issuedAt } = stated
  switch (origin.from) {
    case 'refresh': {
      const { sentAt } = origin
      if (lifetimeMs !== undefined) return expiry(sentAt + lifetimeMs, sentAt)
      // of a token that was issued long before, what is left of it is its lifetime here: the windows shrink to that
      if (expiresAt !== undefined) return expiry(expiresAt, Math.max(issuedAt ?? sentAt, sentAt))
      return expiry(sentAt + jwtTimes(accessToken).lifetimeMs, sentAt)
    }
    case 'app':
      if (lifetimeMs !== undefined) return expiry(origin.now + lifetimeMs, origin.now)
      return expiresAt === undefined ? expiry(jwtBound(accessToken, origin.now)) : expiry(expiresAt, issuedAt)
    case 'storage': {
      if (expiresAt !== undefined) return expiry(expiresAt, issuedAt)
      const bound = jwtBound(accessToken, origin.now)
      return expiry(Number.isNaN(bound) && lifetimeMs !== undefined ? origin.now + lifetimeMs : bound)
    }
  }
}

/** In ms; not finite where the token does not say. */
function jwtTimes(token: string): { readonly expiresAt: number; readonly lifetimeMs: number } {
  const { exp = Number.NaN, iat = Number.NaN } = jwtClaims(token) ?? {}
  return { expiresAt: exp * 1000, lifetimeMs: (exp - iat) * 1000 }
}

function jwtBound(token: string, now: number): number {
  const { expiresAt, lifetimeMs } = jwtTimes(token)
  return Number.isNaN(lifetimeMs) ? expiresAt : Math.min(expiresAt, now + lifetimeMs)
}

function expiry(expiresAt: number, issuedAt?: number): Expiry {
  if (!Number.isFinite(expiresAt)) return {}
  return issuedAt === undefined ? { expiresAt } : { expiresAt, issuedAt }
}
