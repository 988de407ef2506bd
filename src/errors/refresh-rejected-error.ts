import { TokenflightError } from './tokenflight-error'

/**
 * The authorization server refused the refresh token (`invalid_grant`, RFC 6749 §5.2): the session is over. A refresher may throw it
 * to say so in its own words.
 */
export class RefreshRejectedError extends TokenflightError {
  override readonly name = 'RefreshRejectedError'
  readonly code = 'AUTH_REFRESH_REJECTED'
}
