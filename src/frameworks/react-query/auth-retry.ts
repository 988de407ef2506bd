import { ConfigurationError } from '../../errors/configuration-error'
import { findTokenflightError } from '../../errors/find-tokenflight-error'
import { isUnauthenticated } from '../../errors/is-unauthenticated'
import { readStatus } from '../../errors/read-status'
import { InvalidDataError } from './invalid-data-error'

/**
 * A `retry` for queries and mutations: not for a 401, a 403 and what only the user, the developer or a deployment can mend; of this
 * library's errors only for those that are `retryable`, as an outage is. Everything else up to `times`. On a server never, as is
 * react-query's default there.
 *
 * @param times a whole number from 0. @defaultValue `3`
 * @throws ConfigurationError `AUTH_CONFIGURATION` for another number
 */
export function authRetry(times = 3): (failureCount: number, error: unknown) => boolean {
  if (!Number.isInteger(times) || times < 0)
    throw new ConfigurationError('authRetry takes a whole number from 0: authRetry(3).')
  return (failureCount, error) => failureCount < times && typeof window !== 'undefined' && isWorthRetrying(error)
}

function isWorthRetrying(error: unknown): boolean {
  const own = findTokenflightError(error)
  if (own) return own.retryable
  return !isUnauthenticated(error) && readStatus(error) !== 403 && !(error instanceof InvalidDataError)
}
