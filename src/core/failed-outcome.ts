import { InteractionRequiredError } from '../errors/interaction-required-error'
import { RefreshMisconfiguredError } from '../errors/refresh-misconfigured-error'
import { RefreshRejectedError } from '../errors/refresh-rejected-error'
import { RefreshUnavailableError } from '../errors/refresh-unavailable-error'
import type { ErrorDetails } from '../errors/tokenflight-error'
import type { RefreshOutcome, UnavailableOutcome } from './refresh-outcome'

/** The outcomes of F5 to F8. */
export type FailureKind = Exclude<RefreshOutcome['kind'], 'refreshed'>

/** F5. An answer that says nothing of the session. */
export const unavailable = (message: string, details: ErrorDetails): UnavailableOutcome => ({
  kind: 'unavailable',
  answered: true,
  error: new RefreshUnavailableError(message, details),
  retryAfterMs: details.retryAfterMs,
})

/** An answered failure, with the error of its kind. */
export function failedOutcome(kind: FailureKind, message: string, details: ErrorDetails): RefreshOutcome {
  switch (kind) {
    case 'unavailable':
      return unavailable(message, details)
    case 'rejected':
      return { kind, error: new RefreshRejectedError(message, details) }
    case 'misconfigured':
      return { kind, error: new RefreshMisconfiguredError(message, details) }
    case 'interactionRequired':
      return { kind, error: new InteractionRequiredError(message, details) }
  }
}
