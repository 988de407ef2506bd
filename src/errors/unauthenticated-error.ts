import { TokenflightError } from './tokenflight-error'

/**
 * Nobody is signed in, or the session ended while the request waited. The request was never sent.
 */
export class UnauthenticatedError extends TokenflightError {
  override readonly name = 'UnauthenticatedError'
  readonly code = 'AUTH_UNAUTHENTICATED'
}
