import { findTokenflightError } from '../errors/find-tokenflight-error'
import { readProperty } from '../errors/read-property'
import { readStatus } from '../errors/read-status'
import { reduceCause } from '../errors/reduce-cause'
import { RefreshUnavailableError } from '../errors/refresh-unavailable-error'
import type { TokenflightError } from '../errors/tokenflight-error'
import { unavailable } from './failed-outcome'
import { type AnswerContext, judgeAnswer } from './judge-answer'
import { isKnownCode, judgeCode } from './judge-code'
import { ownFields } from './own-fields'
import type { RefreshOutcome } from './refresh-outcome'
import { parseRetryAfter } from './retry-after'

/** What a thrown value tells of the authorization server's answer. */
export interface ThrownFacts {
  /** An error of this library, itself or what it wraps. */
  readonly own: TokenflightError | undefined
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined
  readonly contentType: string
  readonly retryAfter: string | null
  /** The body as far as it was read; `''` where it was not. */
  readonly body: string
  /** The answer whose body was not read yet: read it, and judge with its text as `body`. */
  readonly response: Response | undefined
  /** An OAuth error code that decides. */
  readonly code: string | undefined
  /** The thrown value, reduced (X1). */
  readonly cause: unknown
}

/** F11. Reads what axios, ky, got, ofetch, Angular, MSAL, Auth0 and others throw, and a thrown `Response`. Never throws. */
export function describeThrown(error: unknown): ThrownFacts {
  const response = readProperty(error, 'response')
  const headers = readProperty(response, 'headers') ?? readProperty(error, 'headers')
  const bodies = [
    readProperty(response, 'data'),
    readProperty(error, 'data'),
    readProperty(response, 'body'),
    readProperty(error, 'error'),
  ]
  return {
    own: findTokenflightError(error),
    status: readStatus(error),
    contentType: header(headers, 'content-type') ?? '',
    retryAfter: header(headers, 'retry-after') ?? null,
    body: bodies.map(asText).find((text) => text !== '') ?? '',
    response: [error, response].find(isUnread),
    code: ['error', 'errorCode', 'code'].map((name) => readProperty(error, name)).find(isKnownCode),
    cause: reduceCause(error),
  }
}

/** F11. What a thrown value means for the session: what it carries is judged as an answer would be. */
export function judgeThrown(facts: ThrownFacts, context: AnswerContext): RefreshOutcome {
  const { own, status, code, cause } = facts
  if (own !== undefined) return judgeOwn(own)
  if (status !== undefined && (status >= 500 || code === undefined)) return judgeAnswer({ ...facts, status }, context)
  const details = { status, cause, retryAfterMs: parseRetryAfter(facts.retryAfter, context.now) }
  const judged = code === undefined ? undefined : judgeCode(code, details)
  if (judged !== undefined) return judged
  const message = 'The refresh failed without an answer: the option onError gets the whole error.'
  return { ...unavailable(message, details), answered: false }
}

function judgeOwn(error: TokenflightError): RefreshOutcome {
  switch (error.code) {
    case 'AUTH_REFRESH_REJECTED':
      return { kind: 'rejected', error }
    case 'AUTH_INTERACTION_REQUIRED':
      return { kind: 'interactionRequired', error }
    case 'AUTH_REFRESH_MISCONFIGURED':
    case 'AUTH_CONFIGURATION':
      return { kind: 'misconfigured', error }
    default: {
      const reported =
        error.code === 'AUTH_REFRESH_UNAVAILABLE' ? error : new RefreshUnavailableError(error.message, { cause: error })
      return {
        kind: 'unavailable',
        error: reported,
        answered: error.status !== undefined,
        retryAfterMs: error.retryAfterMs,
      }
    }
  }
}

function header(headers: unknown, name: string): string | undefined {
  const get = readProperty(headers, 'get')
  try {
    const value: unknown = typeof get === 'function' ? get.call(headers, name) : readProperty(headers, name)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function asText(body: unknown): string {
  if (typeof body === 'string') return body
  try {
    if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return new TextDecoder().decode(body)
    // Not a stream, which has no fields of its own.
    if (!ownFields(body)?.size) return ''
    return JSON.stringify(body) ?? ''
  } catch {
    return ''
  }
}

const isUnread = (value: unknown): value is Response =>
  readStatus(value) !== undefined &&
  readProperty(value, 'bodyUsed') === false &&
  typeof readProperty(value, 'text') === 'function'
