import type { ErrorDetails } from '../errors/tokenflight-error'
import { type FailureKind, failedOutcome } from './failed-outcome'
import type { RefreshOutcome } from './refresh-outcome'

const askTheUser = 'the user has to sign in or to agree there'
const tryLater = 'try again later'
const verdicts: ReadonlyMap<unknown, readonly [kind: FailureKind, advice: string]> = new Map([
  ['invalid_grant', ['rejected', 'the refresh token is not valid any more, sign in again']],
  ['temporarily_unavailable', ['unavailable', tryLater]],
  ['server_error', ['unavailable', tryLater]],
  ['invalid_client', ['misconfigured', 'check the client id and how the client authenticates']],
  ['unauthorized_client', ['misconfigured', 'allow this client the grant refresh_token there']],
  ['unsupported_grant_type', ['misconfigured', 'check the URL of the refresh and its grant_type']],
  ['invalid_scope', ['misconfigured', 'ask for no scope beyond those of the sign-in']],
  ['invalid_request', ['misconfigured', 'a parameter of the refresh is missing or wrong']],
  ['interaction_required', ['interactionRequired', askTheUser]],
  ['login_required', ['interactionRequired', askTheUser]],
  ['consent_required', ['interactionRequired', askTheUser]],
])

/** An OAuth error code that decides (F5 to F8). */
export const isKnownCode = (code: unknown): code is string => verdicts.has(code)

/**
 * F5 to F8. What an OAuth error code means for the session; `undefined` for one that says nothing.
 * @see RFC 6749 §5.2, OpenID Connect Core §3.1.2.6
 */
export function judgeCode(code: string, details: ErrorDetails = {}): RefreshOutcome | undefined {
  const [kind, advice] = verdicts.get(code) ?? []
  if (kind === undefined) return undefined
  return failedOutcome(kind, `The authorization server answered ${code}: ${advice}.`, { ...details, oauthError: code })
}
