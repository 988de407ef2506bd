import type { JWT } from 'next-auth/jwt'
import { parseTokens } from '../../core/parse-tokens'
import type { TokenSet } from '../../core/token-set'
import { tokenFields } from './token-fields'

/** What `error` says once the authorization server has refused the refresh token: the user has to sign in again. */
export const refreshTokenRejected = 'RefreshTokenRejected'

/** Also other words, since apps have errors of their own. */
export type SessionErrorName = typeof refreshTokenRejected | (string & Record<never, never>)

/** What this library keeps in next-auth's JWT, which is the encrypted session cookie. */
export interface JwtTokens {
  accessToken?: string | undefined
  refreshToken?: string | undefined
  /** For the sign-out at the provider (`id_token_hint`). */
  idToken?: string | undefined
  /** Epoch ms. */
  accessTokenExpiry?: number | undefined
  /** Epoch ms. With `accessTokenExpiry` it gives the token's lifetime. */
  accessTokenIssuedAt?: number | undefined
  /** The id of the provider that the user signed in with. */
  provider?: string | undefined
  /** Random, one for each sign-in, kept by every refresh. No secret. */
  sessionId?: string | undefined
  error?: SessionErrorName | undefined
}

const names = [
  ...['accessToken', 'refreshToken', 'idToken', 'accessTokenExpiry', 'accessTokenIssuedAt'],
  ...['provider', 'sessionId', 'error'],
]

/** The fields of this library alone. */
export const pickTokens = (jwt: JWT): JwtTokens =>
  Object.fromEntries(Object.entries(jwt).filter(([name]) => names.includes(name)))

/** X3. The tokens in a session's JWT; `undefined` where there are none, or where the session is over. */
export function tokensOfJwt(jwt: JWT, now: number): TokenSet | undefined {
  if (jwt.error === refreshTokenRejected) return undefined
  // A session from before this library spells them in its own way. In one of ours other names are the app's.
  const fields = jwt.sessionId === undefined ? jwt : pickTokens(jwt)
  const parsed = parseTokens(tokenFields(fields), { from: 'storage', now })
  return 'tokens' in parsed ? parsed.tokens : undefined
}

/** What recipes write into the JWT. It is taken out, since from the first refresh on it would be out of date. */
const otherSpellings = [
  ...['access_token', 'refresh_token', 'id_token', 'expires_at', 'expires_in'],
  ...['accessTokenExpires', 'accessTokenExpiresAt'],
]

/** The JWT with these tokens. What was said of the access token before, and an error, is gone. */
export const jwtWithTokens = (jwt: JWT, tokens: TokenSet): JWT => ({
  ...Object.fromEntries(Object.entries(jwt).filter(([name]) => !otherSpellings.includes(name))),
  accessToken: tokens.accessToken,
  refreshToken: tokens.refreshToken,
  idToken: tokens.idToken,
  accessTokenExpiry: tokens.expiresAt,
  accessTokenIssuedAt: tokens.issuedAt,
  error: undefined,
})

/** The JWT of a session whose refresh token was refused: the user is still known, and the id token, which a sign-out needs. */
export const rejectedJwt = (jwt: JWT): JWT => ({
  ...jwt,
  accessToken: undefined,
  refreshToken: undefined,
  accessTokenExpiry: undefined,
  accessTokenIssuedAt: undefined,
  error: refreshTokenRejected,
})
