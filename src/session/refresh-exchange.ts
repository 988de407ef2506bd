import type { Clock } from '../core/clock'
import { retryDelay } from '../core/refresh-backoff'
import type { RefreshOutcome, UnavailableOutcome } from '../core/refresh-outcome'
import type { RefreshTrigger, TokenlessRefresher } from '../core/refresher'
import type { TokenNeed, TokenSet } from '../core/token-set'
import { RefreshUnavailableError } from '../errors/refresh-unavailable-error'
import { askRefresher } from './ask-refresher'

export interface ExchangeRequest extends TokenNeed {
  /** What to refresh; `undefined` where only a cookie can. */
  readonly tokens?: TokenSet | undefined
  readonly trigger: RefreshTrigger
  /** How long it may take (ms). @defaultValue `refreshTimeoutMs` */
  readonly timeoutMs?: number
  /** Asked before the refresh token is used again: has the session ended meanwhile, or somebody else moved it on? */
  superseded(): Promise<boolean>
}

/** Tokens in, outcome out: it asks the authorization server, judges, and asks again. No session in it. Never rejects. */
export type RefreshExchange = (request: ExchangeRequest) => Promise<RefreshOutcome>

export interface ExchangeOptions {
  readonly refreshTimeoutMs: number
  /** How often it asks again when the answer is *unavailable*. */
  readonly refreshRetries: number
  /** The statuses that mean "rejected" where the answer has no OAuth code. */
  readonly rejectedStatuses: readonly number[]
}

export interface ExchangeParts {
  readonly refresh: TokenlessRefresher
  readonly fetch: typeof globalThis.fetch
  readonly clock: Clock
  readonly random: () => number
  readonly options: ExchangeOptions
  /** Reduces what a refresher threw to what may be shown (X1). */
  readonly foreign: (error: unknown) => unknown
}

/** F5. */
export function createRefreshExchange({
  refresh,
  fetch,
  clock,
  random,
  options,
  foreign,
}: ExchangeParts): RefreshExchange {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve))

  return async ({ superseded, timeoutMs = options.refreshTimeoutMs, ...request }) => {
    const deadline = clock.monotonic() + timeoutMs
    const time = startTimer(timeoutMs)
    const context = { ...request, refreshToken: request.tokens?.refreshToken, fetch, signal: time.signal }
    try {
      for (let attempts = 1, lost = false; ; attempts += 1) {
        const asked = askRefresher(refresh, context, { clock, rejectedStatuses: options.rejectedStatuses, foreign })
        const outcome = await Promise.race([asked, time.up])
        if (outcome === 'timeUp') return timedOut(options.refreshTimeoutMs, asked, attempts)
        const done = { ...outcome, attempts }
        if (outcome.kind !== 'unavailable' || outcome.refreshToken !== undefined) return done
        // an answer was lost: the server may have rotated, and a second use might be the last
        if (lost || attempts > options.refreshRetries) return done
        lost = !outcome.answered
        const delay = outcome.retryAfterMs ?? retryDelay(attempts - 1, random)
        if (delay >= deadline - clock.monotonic()) return done
        if ((await Promise.race([pause(delay), time.up])) === 'timeUp') return done
        if (await superseded()) return done
        // the look may have taken all the time there was left
        if (clock.monotonic() >= deadline) return done
      }
    } finally {
      time.cancel()
    }
  }

  function startTimer(ms: number): { readonly signal: AbortSignal; readonly up: Promise<'timeUp'>; cancel(): void } {
    const abort = new AbortController()
    let cancel = (): void => {}
    const up = new Promise<'timeUp'>((resolve) => {
      cancel = clock.after(ms, () => {
        resolve('timeUp')
        abort.abort(timeUpError(options.refreshTimeoutMs))
      })
    })
    return { signal: abort.signal, up, cancel }
  }
}

function timedOut(timeoutMs: number, late: Promise<RefreshOutcome>, attempts: number): UnavailableOutcome {
  return { kind: 'unavailable', answered: false, error: timeUpError(timeoutMs), late, attempts }
}

/** Q4: the one cause of it that an application can mend has to be named. */
export const timeUpError = (timeoutMs: number): RefreshUnavailableError =>
  new RefreshUnavailableError(
    `The refresh took longer than refreshTimeoutMs (${timeoutMs} ms). If the refresher sends its request through this client, ` +
      'that request waits for the very refresh it belongs to: use the `fetch` of its context, or `authenticate: false`.',
  )
