import type { TokenflightError } from '../errors/tokenflight-error'
import type { TokenSet } from './token-set'

/** What came of an exchange with the authorization server. */
export type RefreshOutcome =
  | {
      readonly kind: 'refreshed'
      /** Only what the answer gave: the session keeps what it lacks. */
      readonly tokens: TokenSet
      readonly attempts?: number
    }
  | UnavailableOutcome
  | RejectedOutcome
  | FailedOutcome<'misconfigured'>
  | FailedOutcome<'interactionRequired'>

export interface UnavailableOutcome {
  readonly kind: 'unavailable'
  readonly error: TokenflightError
  /** `false` when the request may have been acted on without our hearing of it: the server may have rotated. */
  readonly answered: boolean
  /** From `Retry-After` (ms). */
  readonly retryAfterMs?: number | undefined
  /** The answer could not be used but for this: a rotated refresh token must not be lost. */
  readonly refreshToken?: string | undefined
  /** The time was up; this settles when the refresher does all the same. Never rejects. */
  readonly late?: Promise<RefreshOutcome> | undefined
  readonly attempts?: number
}

export interface RejectedOutcome extends FailedOutcome<'rejected'> {
  /** Not the authorization server has refused: the session was ended here (H5). */
  readonly ended?: true
}

export interface FailedOutcome<Kind extends string> {
  readonly kind: Kind
  readonly error: TokenflightError
  readonly attempts?: number
}
