import { jwtClaims } from './jwt-claims'
import type { TokenSet } from './token-set'

/**
 * H4. Do these belong to one sign-in? The `sessionId` says so; sets from foreign storages have none, and then count as one session
 * unless issuer and subject are known on both sides and differ.
 */
export function isSameSession(a: TokenSet, b: TokenSet): boolean {
  if (a.sessionId !== undefined && b.sessionId !== undefined) return a.sessionId === b.sessionId
  const [ours, theirs] = [subject(a), subject(b)]
  return ours === undefined || theirs === undefined || ours === theirs
}

function subject({ idToken, accessToken }: TokenSet): string | undefined {
  for (const token of [idToken, accessToken]) {
    const claims = token === undefined ? undefined : jwtClaims(token)
    if (typeof claims?.iss === 'string' && typeof claims.sub === 'string')
      return JSON.stringify([claims.iss, claims.sub])
  }
  return undefined
}
