import { subjectOf } from './subject-of'
import type { TokenSet } from './token-set'

/**
 * H4. Do these belong to one sign-in? The `sessionId` says so; sets from foreign storages have none, and then count as one session
 * unless issuer and subject are known on both sides and differ.
 */
export function isSameSession(a: TokenSet, b: TokenSet): boolean {
  if (a.sessionId !== undefined && b.sessionId !== undefined) return a.sessionId === b.sessionId
  const [ours, theirs] = [subjectOf(a), subjectOf(b)]
  return ours === undefined || theirs === undefined || ours === theirs
}
