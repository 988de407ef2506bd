import { brand } from './brand'
import { readProperty } from './read-property'
import { reduceCause } from './reduce-cause'

/** Stable names of what can go wrong. Compare these, never messages. docs/errors.md explains each. */
export type TokenflightErrorCode =
  | 'AUTH_CONFIGURATION'
  | 'AUTH_INVALID_TOKEN'
  | 'AUTH_UNAUTHENTICATED'
  | 'AUTH_REFRESH_UNAVAILABLE'
  | 'AUTH_REFRESH_REJECTED'
  | 'AUTH_REFRESH_MISCONFIGURED'
  | 'AUTH_INTERACTION_REQUIRED'
  | 'AUTH_STORAGE'

/** What an error may tell besides its message. No tokens, no bodies, no headers. */
export interface ErrorDetails {
  /** What led to it. Of a foreign error only its name, code and status stay. */
  readonly cause?: unknown
  /** The HTTP status the authorization server answered with. */
  readonly status?: number | undefined
  /** The `error` of an OAuth error response (RFC 6749 §5.2). */
  readonly oauthError?: string | undefined
  /** How long to wait before it is worth trying again (ms). */
  readonly retryAfterMs?: number | undefined
}

/**
 * The base of every error of this library. `cause` is not enumerable, and nothing in it holds a token.
 *
 * Test for it with {@link isTokenflightError}: `instanceof` fails between the ESM and the CJS copy of a package.
 */
export abstract class TokenflightError extends Error {
  /** Stable; one for each class. */
  abstract readonly code: TokenflightErrorCode
  /** Is the same call worth making again, without the user doing anything? */
  readonly retryable: boolean = false
  /** The HTTP status the authorization server answered with, where it did. */
  declare readonly status?: number
  /** The `error` of an OAuth error response (RFC 6749 §5.2), where there was one. */
  declare readonly oauthError?: string
  /** How long to wait before it is worth trying again (ms), where that is known. */
  declare readonly retryAfterMs?: number

  constructor(message: string, { cause, status, oauthError, retryAfterMs }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause: reduceCause(cause) })
    Object.defineProperty(this, brand, { value: true })
    if (status !== undefined) this.status = status
    if (oauthError !== undefined) this.oauthError = oauthError
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs
  }
}

/** Is this value itself an error of this library? To look through wrappers as well, use {@link isTokenflightError}. */
export const isBranded = (value: unknown): value is TokenflightError => readProperty(value, brand) === true
