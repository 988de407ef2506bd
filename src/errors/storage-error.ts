import { TokenflightError } from './tokenflight-error'

/**
 * The token storage failed or took too long. Nobody is signed out by it; try again.
 */
export class StorageError extends TokenflightError {
  override readonly name = 'StorageError'
  readonly code = 'AUTH_STORAGE'
  override readonly retryable = true
}
