import { TokenflightError } from './tokenflight-error'

/**
 * A token set that cannot be used: the message names the field. Nothing was sent and nothing was stored.
 */
export class InvalidTokenError extends TokenflightError {
  override readonly name = 'InvalidTokenError'
  readonly code = 'AUTH_INVALID_TOKEN'
}
