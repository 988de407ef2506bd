import { ConnectionResetError } from '../connection-reset-error'
import { untilAborted } from './until-aborted'

interface FaultTiming {
  /** Answer so much later (ms of the server's clock). */
  readonly delayMs?: number
  /**
   * Do what was asked first: then it is the answer that is late or lost, and the refresh token may have been rotated.
   * @defaultValue `false`: with an answer of its own the fault leaves nothing done
   */
  readonly afterActing?: boolean
}

interface FaultyAnswer extends FaultTiming {
  readonly headers?: Readonly<Record<string, string>>
  /** `Retry-After`: seconds, or a date as HTTP writes it. */
  readonly retryAfter?: number | string
}

/** Late, and right. */
interface LateFault extends FaultTiming {
  readonly delayMs: number
}

/** Any answer. A `body` that is not a string is sent as JSON. */
interface StatusFault extends FaultyAnswer {
  readonly status: number
  readonly body?: unknown
}

/** An error response of RFC 6749 §5.2. Status 400, or 401 for `invalid_client`, unless it is given. */
interface OAuthFault extends FaultyAnswer {
  readonly oauthError: string
  readonly status?: number
}

/** An intermediary's page. Status 502 unless it is given. */
interface HtmlFault extends FaultyAnswer {
  readonly html: true
  readonly status?: number
}

/** JSON that breaks off. Status 200 unless it is given. */
interface MalformedFault extends FaultyAnswer {
  readonly malformed: true
  readonly status?: number
}

/** The endpoint's own refusal, whatever token it is shown: `invalid_grant`, or the protected API's challenge. */
interface RefusalFault extends FaultTiming {
  readonly refuse: true
}

/** The connection is reset. */
interface ResetFault extends FaultTiming {
  readonly reset: true
}

/** No answer until the client gives up. */
interface HangFault extends FaultTiming {
  readonly hang: true
}

/** What goes wrong with one request. */
export type Fault =
  | LateFault
  | StatusFault
  | OAuthFault
  | HtmlFault
  | MalformedFault
  | RefusalFault
  | ResetFault
  | HangFault

/**
 * The fault's own answer, `undefined` where it is merely late.
 * @throws ConnectionResetError for `reset` · the signal's reason for `hang`
 */
export async function faultyAnswer(
  fault: Fault,
  signal: AbortSignal,
  refusal: () => Response,
): Promise<Response | undefined> {
  if ('reset' in fault) throw new ConnectionResetError()
  if ('hang' in fault) return untilAborted(signal)
  if ('refuse' in fault) return refusal()
  if ('html' in fault) {
    return answer(fault, fault.status ?? 502, 'text/html; charset=utf-8', '<!doctype html><title>Bad gateway</title>')
  }
  if ('malformed' in fault) return answer(fault, fault.status ?? 200, 'application/json', '{"access_token":"')
  if ('oauthError' in fault) {
    const status = fault.status ?? (fault.oauthError === 'invalid_client' ? 401 : 400)
    return answer(fault, status, 'application/json', JSON.stringify({ error: fault.oauthError }))
  }
  if (!('status' in fault)) return undefined
  if (fault.body === undefined) return answer(fault, fault.status)
  if (typeof fault.body === 'string') return answer(fault, fault.status, 'text/plain; charset=utf-8', fault.body)
  return answer(fault, fault.status, 'application/json', JSON.stringify(fault.body))
}

function answer(fault: FaultyAnswer, status: number, contentType?: string, body?: string): Response {
  const headers = new Headers(contentType === undefined ? {} : { 'content-type': contentType })
  if (fault.retryAfter !== undefined) headers.set('retry-after', String(fault.retryAfter))
  for (const [name, value] of Object.entries(fault.headers ?? {})) headers.set(name, value)
  return new Response(body ?? null, { status, headers })
}
