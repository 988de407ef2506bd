import type { Clock } from '../core/clock'
import { type Freshness, freshness, type RefreshWindows } from '../core/freshness'
import type { MaybePromise } from '../core/maybe-promise'
import type { RefreshTrigger } from '../core/refresher'
import type { SessionState } from '../core/session-state'
import type { TokenNeed, TokenSet } from '../core/token-set'
import { isBranded, type TokenflightError } from '../errors/tokenflight-error'
import { UnauthenticatedError } from '../errors/unauthenticated-error'
import type { Gate } from './gate'
import type { RefreshFlight } from './refresh-flight'
import type { SessionStore } from './session-store'

/** What one request wants of the session, and how long it has been waiting. */
export interface Wish {
  readonly need: TokenNeed
  readonly signal?: AbortSignal | undefined
  /** Wait for a refresh already when the token is about to expire (B3), or when less than this is left of it (ms). */
  ahead?: 'expiring' | number | undefined
  /** F9: the session it belongs to, from the moment there is one. */
  epoch?: number | undefined
  /** It has had the storage read: where that failed, it goes by what is known (H4). */
  hasRead?: boolean
  /** F2: when its patience ends (monotonic ms); set when it waits first. */
  deadline?: number
}

/** What the session can offer: tokens that may be sent, or nobody signed in. */
export interface Offer {
  readonly epoch: number
  readonly tokens: TokenSet | undefined
}

export interface TokenSource {
  /** At once while the token is fresh. @throws the `TokenflightError` why there will be none, or the reason of the wish's signal */
  obtain(wish: Wish): MaybePromise<Offer>
  /** Waits for a refresh that the wish knows to be needed, then obtains. */
  refreshed(wish: Wish, trigger: RefreshTrigger): Promise<Offer>
  /** Waits only until it is known whether somebody is signed in (S2). */
  known(wish: Wish): Promise<void>
}

interface Parts {
  readonly store: SessionStore
  readonly flight: RefreshFlight
  readonly clock: Clock
  readonly options: RefreshWindows & { readonly refreshTimeoutMs: number }
}

/** E2, Q1: which requests wait, and for what. */
export function createTokenSource({ store, flight, clock, options }: Parts): TokenSource {
  /** What has to happen before the state can be believed. */
  function pending(wish: Wish): Gate | TokenflightError | undefined {
    const reading = store.reading(wish.hasRead !== true)
    wish.hasRead = true
    if (reading) return reading
    return store.state().status === 'restoring' ? flight.join(anyToken, 'missing') : undefined
  }

  function obtain(wish: Wish): MaybePromise<Offer> {
    if (wish.epoch === undefined && store.state().status === 'signedIn') wish.epoch = store.state().epoch
    const unknown = pending(wish)
    if (unknown) return pass(unknown, wish).then(() => obtain(wish))
    const state = store.state()
    if (wish.epoch !== undefined && wish.epoch !== state.epoch) throw sessionEnded(state)
    return state.status === 'signedIn' ? offer(state, wish) : { epoch: state.epoch, tokens: undefined }
  }

  function offer(present: Offer & { readonly tokens: TokenSet }, wish: Wish): MaybePromise<Offer> {
    const { tokens } = present
    const blocking = flight.blocking(tokens)
    if (blocking) return after(blocking, wish)
    const fresh = freshness(tokens, clock.now(), options)
    // nearly every request: nothing below would hold it back
    if (fresh === 'fresh' && wish.need === anyToken && wish.ahead === undefined) return present
    if (flight.possible()) {
      const trigger = waitsFor(wish, tokens, fresh)
      if (trigger) return after(flight.join(wish.need, trigger), wish)
      if (fresh === 'expiring') flight.join(anyToken, 'expiring')
    }
    return present
  }

  function waitsFor(wish: Wish, tokens: TokenSet, fresh: Freshness): RefreshTrigger | undefined {
    if (!flight.satisfies(tokens, wish.need)) return 'refused'
    if (fresh === 'expired') return 'expired'
    if (wish.ahead === undefined) return undefined
    if (wish.ahead === 'expiring') return fresh === 'expiring' ? 'expiring' : undefined
    return runsOutWithin(wish.ahead, tokens, clock.now()) ? 'expiring' : undefined
  }

  // no async functions here: what one of them keeps while it waits would be kept for each of many thousand requests
  /** Rejects with what keeps it from passing. */
  function pass(gate: Gate | TokenflightError, wish: Wish): Promise<void> {
    if (isBranded(gate)) return Promise.reject(gate)
    wish.deadline ??= clock.monotonic() + options.refreshTimeoutMs
    return gate.wait(wish.signal, wish.deadline)
  }

  function after(gate: Gate | TokenflightError, wish: Wish): Promise<Offer> {
    const { ahead } = wish
    const before = store.tokens()?.accessToken
    // one refresh is all that looking ahead may cost
    wish.ahead = undefined
    const notPassed = (error: unknown): Offer => {
      const valid = isBranded(error) ? stillValid(wish) : undefined
      // E4: a refresh ahead of time that failed disturbs nobody while the token is valid
      if (valid && ahead === 'expiring') return valid
      // F2: nor one whose tokens came another way: late, from the flight before it, or by setTokens
      if (valid && valid.tokens?.accessToken !== before) return valid
      throw error
    }
    return pass(gate, wish).then(() => obtain(wish), notPassed)
  }
  function stillValid({ epoch, need }: Wish): Offer | undefined {
    const state = store.state()
    if (state.status !== 'signedIn' || state.epoch !== epoch || !flight.satisfies(state.tokens, need)) return undefined
    return freshness(state.tokens, clock.now(), options) === 'expired' ? undefined : state
  }

  return {
    obtain,
    refreshed: (wish, trigger) => after(flight.join(wish.need, trigger), wish),
    async known(wish) {
      for (let unknown = pending(wish); unknown; unknown = pending(wish)) await pass(unknown, wish)
    },
  }
}

/** Never more than half a lifetime: otherwise a short-lived token would be refreshed for each request (E3). */
function runsOutWithin(ms: number, { expiresAt, issuedAt }: TokenSet, now: number): boolean {
  if (expiresAt === undefined) return false
  const half = issuedAt === undefined ? Number.POSITIVE_INFINITY : (expiresAt - issuedAt) / 2
  return expiresAt - now < Math.min(ms, half)
}

function sessionEnded(state: SessionState): UnauthenticatedError {
  const reason = state.status === 'signedOut' && state.reason !== undefined ? ` (${state.reason})` : ''
  return new UnauthenticatedError(
    `The session this request belongs to ended while it was waiting${reason}; it was not sent.`,
  )
}

/** The one resource whose token has no name. */
export const anyToken: TokenNeed = {}
