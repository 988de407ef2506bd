import { causesOf } from './causes-of'
import { findTokenflightError } from './find-tokenflight-error'
import { readStatus } from './read-status'

/**
 * Does this mean that the user has to sign in? An `UnauthenticatedError` or a `RefreshRejectedError`, also wrapped, or a 401 of fetch
 * (the `Response`), axios, ky and others. Every other error of this library is none, whatever status led to it. Never throws.
 */
export function isUnauthenticated(error: unknown): boolean {
  const own = findTokenflightError(error)
  if (own !== undefined) return own.code === 'AUTH_UNAUTHENTICATED' || own.code === 'AUTH_REFRESH_REJECTED'
  return [...causesOf(error)].some((cause) => readStatus(cause) === 401)
}
