import { TokenflightError } from './tokenflight-error'

/**
 * An option or a call is wrong. The message names the option and the fix; trying again changes nothing.
 */
export class ConfigurationError extends TokenflightError {
  override readonly name = 'ConfigurationError'
  readonly code = 'AUTH_CONFIGURATION'
}
