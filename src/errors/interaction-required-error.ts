import { TokenflightError } from './tokenflight-error'

/**
 * The authorization server wants to see the user (`interaction_required`, `login_required`, `consent_required`). The session stays.
 */
export class InteractionRequiredError extends TokenflightError {
  override readonly name = 'InteractionRequiredError'
  readonly code = 'AUTH_INTERACTION_REQUIRED'
}
