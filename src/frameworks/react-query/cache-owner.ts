import type { QueryClient } from '@tanstack/react-query'
import type { AuthClient } from '../../core/auth-client'
import { subjectOf } from '../../core/subject-of'
import type { TokenSet } from '../../core/token-set'
import { readProperty } from '../../errors/read-property'

/** Whose data a cache holds. */
export interface CacheOwner {
  readonly auth: AuthClient
  readonly epoch: number
  readonly sessionId: string | undefined
  readonly user: string | undefined
}

/** Who is signed in; `undefined` while nobody is, or it is not known. */
export function ownerOf(auth: AuthClient, userOf: (tokens: TokenSet) => string | undefined = subjectOf) {
  const tokens = auth.getTokens()
  if (auth.state.status !== 'signedIn' || !tokens) return undefined
  return { auth, epoch: auth.state.epoch, sessionId: tokens.sessionId, user: userOf(tokens) } satisfies CacheOwner
}

export const isSameEpoch = (a: CacheOwner | undefined, b: CacheOwner): boolean =>
  a?.auth === b.auth && a.epoch === b.epoch

/** Other than for H4's question, one who is not known counts as somebody else: it is about what the next user may see. */
export function isSameOwner(a: CacheOwner, b: CacheOwner): boolean {
  if (isSameEpoch(a, b)) return true
  if (a.sessionId !== undefined && a.sessionId === b.sessionId) return true
  return a.user !== undefined && a.user === b.user
}

const key = Symbol.for('tokenflight.cache-owner')

/** Noted at the cache itself: it may be disconnected while one user signs out and the next signs in. */
export function noteOwner(queryClient: QueryClient, owner: CacheOwner | undefined): void {
  Object.defineProperty(queryClient, key, { value: owner, configurable: true })
}

export function notedOwner(queryClient: QueryClient): CacheOwner | undefined {
  const owner = readProperty(queryClient, key)
  return isOwner(owner) ? owner : undefined
}

const isOwner = (value: unknown): value is CacheOwner => typeof readProperty(value, 'epoch') === 'number'
