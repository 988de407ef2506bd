import { TokenflightError } from './tokenflight-error'

/**
 * The refresh could not be made now: an outage, a timeout, an answer that says nothing. The session stays; try again.
 */
export class RefreshUnavailableError extends TokenflightError {
  override readonly name = 'RefreshUnavailableError'
  readonly code = 'AUTH_REFRESH_UNAVAILABLE'
  override readonly retryable = true
}
