import type { SessionErrorName } from './jwt-tokens'

/** What the browser gets to see of the tokens: never the refresh token, never the id token. */
export interface SessionTokens {
  accessToken?: string | undefined
  /** Epoch ms. */
  accessTokenExpiry?: number | undefined
  /** Epoch ms. */
  accessTokenIssuedAt?: number | undefined
  /** Random, one for each sign-in, kept by every refresh. No secret. */
  sessionId?: string | undefined
  /** `'RefreshTokenRejected'`: the user has to sign in again. An outage sets nothing. */
  error?: SessionErrorName | undefined
}
