import type { Clock } from '../core/clock'
import { unavailable } from '../core/failed-outcome'
import { type AnswerContext, judgeAnswer, type RefreshAnswer } from '../core/judge-answer'
import { judgeReturned } from '../core/judge-returned'
import { describeThrown, judgeThrown } from '../core/judge-thrown'
import type { RefreshOutcome } from '../core/refresh-outcome'
import type { TokenlessRefreshContext, TokenlessRefresher } from '../core/refresher'
import { maxAnswerBytes } from './plain-fetch'
import { isResponse, type ReadableResponse, readText } from './read-body'
import { unreadData } from './unread-data'

interface Parts {
  readonly clock: Clock
  readonly rejectedStatuses: readonly number[]
  /** Gets what the refresher threw, whole (X1). */
  readonly foreign: (error: unknown) => unknown
}

/** F11: runs the refresher once, reads what it gives or throws, and judges it. Never rejects. */
export async function askRefresher(
  refresh: TokenlessRefresher,
  context: TokenlessRefreshContext,
  { clock, rejectedStatuses, foreign }: Parts,
): Promise<RefreshOutcome> {
  const sentAt = clock.now()
  const judgedBy = (): AnswerContext => ({ sentAt, now: clock.now(), rejectedStatuses })
  try {
    const answer: unknown = await refresh(context)
    if (answer === undefined || answer === null) return gaveNothing()
    return isResponse(answer) ? judgeAnswer(await read(answer), judgedBy()) : judgeReturned(answer, sentAt)
  } catch (error) {
    foreign(error)
    const facts = describeThrown(error)
    const unread = facts.response ?? unreadData(error)
    const body = unread ? await readText(unread, maxAnswerBytes).catch(() => '') : facts.body
    return judgeThrown({ ...facts, body }, judgedBy())
  }
}

/** The server may have rotated, and what it answered is lost. */
const gaveNothing = (): RefreshOutcome => ({
  ...unavailable('The option refresh returned nothing. Return the Response, its JSON, or a token set.', {}),
  answered: false,
})

const read = async (response: ReadableResponse): Promise<RefreshAnswer> => ({
  status: response.status,
  contentType: response.headers.get('content-type') ?? '',
  retryAfter: response.headers.get('retry-after'),
  body: await readText(response, maxAnswerBytes),
})
