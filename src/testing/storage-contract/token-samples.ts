import type { TokenSet } from '../../core/token-set'

/** A token set as a session stores it; `n` tells one from another. */
export const sample = (n: number): TokenSet => ({
  accessToken: `access-${n}`,
  refreshToken: `refresh-${n}`,
  idToken: `id-${n}`,
  expiresAt: 1_900_000_000_000 + n,
  issuedAt: 1_800_000_000_000 + n,
  tokenType: 'Bearer',
  scope: 'openid offline_access',
  sessionId: 'session-1',
})

/** Is there an access token in what a storage read? If not, the session counts as signed out. */
export const hasTokens = (found: unknown): boolean =>
  typeof found === 'object' && found !== null && 'accessToken' in found && typeof found.accessToken === 'string'
