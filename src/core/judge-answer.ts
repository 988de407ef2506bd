import { failedOutcome } from './failed-outcome'
import { isKnownCode, judgeCode } from './judge-code'
import { judgeReturned } from './judge-returned'
import { ownFields } from './own-fields'
import type { RefreshOutcome } from './refresh-outcome'
import { parseRetryAfter } from './retry-after'

export { judgeCode } from './judge-code'

/** An answer of the authorization server, read. */
export interface RefreshAnswer {
  readonly status: number
  readonly contentType: string
  readonly retryAfter: string | null
  readonly body: string
}

/** What an answer is judged by besides itself. Instants are epoch ms. */
export interface AnswerContext {
  readonly sentAt: number
  readonly now: number
  /** F6. The statuses that end the session where no OAuth code says otherwise. */
  readonly rejectedStatuses: readonly number[]
}

/**
 * F4 to F8. What an answer means, in this order: 5xx, an OAuth code, an HTML page, the status. Whatever is not known is unavailable, so
 * that no outage looks like a sign-out.
 */
export function judgeAnswer(answer: RefreshAnswer, { sentAt, now, rejectedStatuses }: AnswerContext): RefreshOutcome {
  const { status } = answer
  const json = parseJson(answer.body)
  const code = ownFields(json)?.get('error')
  const oauthError = isKnownCode(code) ? code : undefined
  const details = { status, oauthError, retryAfterMs: parseRetryAfter(answer.retryAfter, now) }
  const said = `The refresh was answered with ${status}`

  if (status >= 500) return failedOutcome('unavailable', `${said}.`, details)
  const judged = oauthError === undefined ? undefined : judgeCode(oauthError, details)
  if (judged !== undefined) return judged
  if (json === undefined && isHtml(answer)) {
    return failedOutcome('unavailable', `${said} and an HTML page, which is not the authorization server's.`, details)
  }
  if (rejectedStatuses.includes(status)) {
    return failedOutcome('rejected', `${said}, one of the option rejectedStatuses: sign in again.`, details)
  }
  if (status >= 200 && status < 300) return judgeReturned(json, sentAt, details)
  if (status === 404 || status === 405) {
    return failedOutcome('misconfigured', `${said}: correct the URL or the method of the refresh.`, details)
  }
  const advice =
    status === 403 ? ' If that means that the session is over, add 403 to the option rejectedStatuses.' : ''
  return failedOutcome('unavailable', `${said}.${advice}`, details)
}

// text/html alone says nothing: it is what PHP sends by default, and Express with `send('Invalid token')`. A page has tags.
const isHtml = ({ contentType, body }: RefreshAnswer): boolean =>
  /^\s*<(?:!doctype\s+)?html/i.test(body) || (/html/i.test(contentType) && /<[a-z!?]/i.test(body))

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
