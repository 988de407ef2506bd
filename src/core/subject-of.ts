import { jwtClaims } from './jwt-claims'
import type { TokenSet } from './token-set'

/** Who these tokens are of: issuer and subject of the first that is a JWT with both. Unverified; `undefined` where tokens are opaque. */
export function subjectOf({ idToken, accessToken }: TokenSet): string | undefined {
  for (const token of [idToken, accessToken]) {
    const claims = token === undefined ? undefined : jwtClaims(token)
    if (typeof claims?.iss === 'string' && typeof claims.sub === 'string')
      return JSON.stringify([claims.iss, claims.sub])
  }
  return undefined
}
