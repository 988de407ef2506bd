import { TokenflightError } from './tokenflight-error'

/**
 * The refresh cannot work as it is set up (`invalid_client`, a wrong URL …). The session stays; the message says what to correct.
 */
export class RefreshMisconfiguredError extends TokenflightError {
  override readonly name = 'RefreshMisconfiguredError'
  readonly code = 'AUTH_REFRESH_MISCONFIGURED'
}
