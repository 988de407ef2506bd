import type { RefreshOutcome } from '../core/refresh-outcome'
import type { TokenNeed } from '../core/token-set'
import type { HeldLock } from '../core/token-storage'
import { RefreshUnavailableError } from '../errors/refresh-unavailable-error'
import type { ExchangeRequest, RefreshExchange } from '../session/refresh-exchange'
import { type GraceStore, memoryGraceStore } from './grace-store'
import { type Known, refreshChain, withRefreshToken } from './refresh-chain'
import { sha256 } from './sha256'

export interface SharedExchangeOptions {
  /** Where outcomes are kept: `redisGraceStore` for many processes. @defaultValue the memory of this process */
  readonly store?: GraceStore
  /** How long a refresh token that was used still gets what came of it (ms). @defaultValue `30_000` */
  readonly graceMs?: number
  /** Wall clock (epoch ms). @defaultValue `Date.now` */
  readonly now?: () => number
}

export interface SharedExchange {
  readonly exchange: RefreshExchange
  /**
   * What has come of this refresh token within the grace time, or is to come of it in this process: for those who must not refresh, and
   * to tell a cookie that was rotated away. Asks nobody; `undefined` where nothing is known, or the store does not answer.
   */
  recall(request: Pick<ExchangeRequest, 'tokens' | keyof TokenNeed>): Promise<RefreshOutcome | undefined>
  /**
   * For a sign-out: for the grace time this refresh token is refused, with those it came from and those that came of it, and the
   * tokens that were kept for them are gone.
   */
  forget(refreshToken: string): Promise<void>
  /** For a sign-in: a refresh token that the authorization server gives again, after a sign-out, is refused no longer. */
  welcome(refreshToken: string): Promise<void>
}

/** How long a store may take to say what it knows: without its answer things go on as they were (ms). */
const recallMs = 1_000

/** How long a request waits for the exchange of another one, where it does not say (ms). */
const patienceMs = 10_000

/**
 * H5, a decorator for servers: requests that bring the same refresh token share one exchange, and one that comes late, with a token
 * that was rotated away, gets the tokens that took its place for the grace time. Keyed by SHA-256 of the refresh token. A request with
 * another need waits, and uses the refresh token that came of the exchange before. Outcomes that can change (an outage) are not kept.
 * While the store is away the outcome is *unavailable*: no refresh token is used twice.
 */
export function shareExchange(exchange: RefreshExchange, options: SharedExchangeOptions = {}): SharedExchange {
  const { now = Date.now, graceMs = 30_000, store = memoryGraceStore(now) } = options
  const chain = refreshChain(store, graceMs, now)
  const underWay = new Map<string, Promise<RefreshOutcome>>()

  async function ask(request: ExchangeRequest, { hash, newest }: Known, need: string): Promise<RefreshOutcome> {
    const settle = (outcome: RefreshOutcome): Promise<RefreshOutcome> => {
      // Where the answer names no refresh token, the one that was used goes on: maybe not the one that the request brought.
      const named = outcome.kind !== 'refreshed' || outcome.tokens.refreshToken !== undefined
      const complete = named ? outcome : { ...outcome, tokens: withRefreshToken(outcome.tokens, newest) }
      // Tokens that could not be kept are good all the same, for this request.
      return chain.keep(complete, hash, need).catch(() => complete)
    }
    const tokens = request.tokens && withRefreshToken(request.tokens, newest)
    const outcome = await settle(await exchange({ ...request, tokens }))
    return outcome.kind === 'unavailable' && outcome.late ? { ...outcome, late: outcome.late.then(settle) } : outcome
  }

  async function askInTurn(request: ExchangeRequest, hash: string, need: string): Promise<RefreshOutcome> {
    const since = now()
    const { timeoutMs = patienceMs, tokens } = request
    const patience = AbortSignal.timeout(timeoutMs)
    for (;;) {
      const before = await chain.look(hash, need, tokens?.accessToken)
      if (before.outcome) return before.outcome
      const held = await store.lock(before.hash, patience)
      let outcome: RefreshOutcome | undefined
      try {
        const known = await chain.look(hash, need, tokens?.accessToken)
        // The exchange of another need may have given the session a newer refresh token, which has a lock of its own.
        if (known.hash !== before.hash) continue
        const leftMs = timeoutMs - (now() - since)
        const bounded = request.timeoutMs === undefined ? request : { ...request, timeoutMs: leftMs }
        outcome = known.outcome ?? leftBy(held, since) ?? tooLate(leftMs) ?? (await ask(bounded, known, need))
        return outcome
      } finally {
        await giveBack(held, outcome?.kind === 'unavailable' ? now() : undefined)
      }
    }
  }

  return {
    async exchange(request) {
      const refreshToken = request.tokens?.refreshToken
      if (refreshToken === undefined) return exchange(request)
      const [hash, need] = await Promise.all([sha256(refreshToken), needKey(request)])
      const key = `${hash}:${need}`
      const joined = underWay.get(key)
      if (joined !== undefined) return joined
      const outcome = askInTurn(request, hash, need)
        .catch(storeAway)
        .finally(() => underWay.delete(key))
      underWay.set(key, outcome)
      return outcome
    },
    async recall({ tokens, ...need }) {
      if (tokens?.refreshToken === undefined) return undefined
      const [hash, key] = await Promise.all([sha256(tokens.refreshToken), needKey(need)])
      const joined = underWay.get(`${hash}:${key}`)
      if (joined !== undefined) return joined
      const known = chain.look(hash, key, tokens.accessToken).catch(() => undefined)
      return (await within(recallMs, known))?.outcome
    },
    forget: async (refreshToken) => chain.end(await sha256(refreshToken)),
    welcome: async (refreshToken) => chain.begin(await sha256(refreshToken)),
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined)
  })
  return Promise.race([work, timeUp]).finally(() => clearTimeout(timer))
}

const needKey = async ({ resource, claims }: TokenNeed): Promise<string> =>
  resource === undefined && claims === undefined ? '' : sha256(JSON.stringify([resource, claims]))

/** Who waited while another one asked in vain takes that outcome, and does not ask again. */
function leftBy({ unavailableUntil }: HeldLock, since: number): RefreshOutcome | undefined {
  if (unavailableUntil === undefined || since > unavailableUntil) return undefined
  return unavailable('Another request has tried this refresh, and the authorization server was not available.')
}

/** The lock ends with the time: another one may hold it by now. */
const tooLate = (leftMs: number): RefreshOutcome | undefined =>
  leftMs > 0 ? undefined : unavailable('The time of this refresh was over before it could begin.')

async function giveBack(held: HeldLock, unavailableUntil: number | undefined): Promise<void> {
  try {
    await held.release(unavailableUntil)
  } catch {
    // It ends by itself, and the outcome is there.
  }
}

const storeAway = (error: unknown): RefreshOutcome =>
  unavailable('The store that requests share refreshes through did not answer in time.', error)

const unavailable = (message: string, cause?: unknown): RefreshOutcome => ({
  kind: 'unavailable',
  error: new RefreshUnavailableError(message, { cause }),
  answered: true,
  attempts: 0,
})
