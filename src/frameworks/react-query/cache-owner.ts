import type { AuthClient } from '../../core/auth-client'
import { subjectOf } from '../../core/subject-of'
import type { TokenSet } from '../../core/token-set'

/** Whose data a cache holds. */
export interface CacheOwner {
  readonly epoch: number
  readonly sessionId: string | undefined
  readonly user: string | undefined
}

/** Who is signed in; `undefined` while nobody is, or it is not known. */
export function ownerOf(auth: AuthClient, userOf: (tokens: TokenSet) => string | undefined = subjectOf) {
  const tokens = auth.getTokens()
  if (auth.state.status !== 'signedIn' || !tokens) return undefined
  return { epoch: auth.state.epoch, sessionId: tokens.sessionId, user: userOf(tokens) } satisfies CacheOwner
}

/** Other than for H4's question, one who is not known counts as somebody else: it is about what the next user may see. */
export function isSameOwner(a: CacheOwner, b: CacheOwner): boolean {
  if (a.epoch === b.epoch) return true
  if (a.sessionId !== undefined && a.sessionId === b.sessionId) return true
  return a.user !== undefined && a.user === b.user
}
