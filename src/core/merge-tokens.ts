import type { TokenSet } from './token-set'

/**
 * F4. The session's tokens after an answer: what the answer lacks is kept, but the instants of one access token are never another's.
 * The `sessionId` of the session stays, whatever the answer says.
 */
export function mergeTokens(previous: TokenSet | undefined, answer: TokenSet): TokenSet {
  if (previous === undefined) return answer
  const { expiresAt, issuedAt, ...kept } = previous
  const keepsInstants = answer.accessToken === previous.accessToken && answer.expiresAt === undefined
  return Object.freeze({
    ...(keepsInstants ? previous : kept),
    ...answer,
    ...(previous.sessionId !== undefined && { sessionId: previous.sessionId }),
  })
}
