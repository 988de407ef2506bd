import { freshness, type RefreshWindows } from '../core/freshness'
import { takesOutcome } from '../core/refresh-backoff'
import type { RefreshTrigger } from '../core/refresher'
import { sameTokens, type TokenNeed, type TokenSet } from '../core/token-set'
import type { TokenStorage } from '../core/token-storage'
import { RefreshUnavailableError } from '../errors/refresh-unavailable-error'
import type { TokenflightError } from '../errors/tokenflight-error'
import { UnauthenticatedError } from '../errors/unauthenticated-error'
import type { Defer } from './announcer'
import { type CommitParts, createCommit, type Landing } from './commit'
import type { Flight } from './flight'
import { createGate, type Gate } from './gate'
import { type RefreshExchange, timeUpError } from './refresh-exchange'
import { acquireLock, type FlightLock } from './refresh-lock'

export interface RefreshFlight {
  /** Could a refresh give a token at all? */
  possible(): boolean
  /** The flight to wait for, which it starts where none is under way; or why none starts now. */
  join(need: TokenNeed, trigger: RefreshTrigger): Gate | TokenflightError
  /** Is one under way? */
  underWay(): boolean
  /** Q1: the flight under way for a token that was refused. A background flight makes nobody wait. */
  blocking(tokens: TokenSet): Gate | undefined
  /** F10: was this token asked for with the claims that are needed? */
  satisfies(tokens: TokenSet, need: TokenNeed): boolean
}

interface Parts extends CommitParts {
  readonly storage: TokenStorage
  /** Without it no refresh is possible. */
  readonly exchange: RefreshExchange | undefined
  readonly onStorageError: (error: unknown) => void
  readonly report: (error: unknown) => void
  readonly options: RefreshWindows & { readonly refreshTimeoutMs: number; readonly refreshWithoutToken: boolean }
}

/** F1: at most one flight at a time: lock, second look, exchange, commit. Nobody can cancel it. */
export function createRefreshFlight(parts: Parts): RefreshFlight {
  const { store, storage, exchange, clock, announcer, hold, cooldown, onStorageError, report, options } = parts
  let flight: Flight | undefined
  let flights = 0
  /** What this client left with the lock: its own hold knows that by a clock which never turns. */
  let left: number | undefined
  let withClaims: { readonly accessToken: string; readonly claims: string } | undefined

  store.watch((state, before) => {
    if (state.epoch === before.epoch) {
      if (flight && isServed(flight)) flight.waiting.abort()
      return
    }
    hold.clear()
    // F9: a waiter leaves when its session ends; what the exchange brings is judged by its epoch
    const abandoned = flight
    flight = undefined
    if (!abandoned || abandoned.ending) return
    abandoned.gate.open()
    abandoned.waiting.abort()
    abandoned.release()
  })

  const satisfies = (tokens: TokenSet, { claims }: TokenNeed): boolean =>
    claims === undefined || (withClaims?.accessToken === tokens.accessToken && withClaims.claims === claims)

  const usable = (tokens: TokenSet, need: TokenNeed): boolean =>
    satisfies(tokens, need) && freshness(tokens, clock.now(), options) !== 'expired'

  /** Has somebody else got the tokens that it is for? */
  const isServed = ({ from, need }: Flight): boolean => {
    const tokens = store.tokens()
    return tokens !== undefined && tokens.accessToken !== from?.accessToken && usable(tokens, need)
  }

  const commit = createCommit({
    ...parts,
    onClaims(tokens, claims) {
      withClaims = { accessToken: tokens.accessToken, claims }
    },
  })

  function start(need: TokenNeed, trigger: RefreshTrigger): Flight {
    flights += 1
    const mine: Flight = {
      id: flights,
      epoch: store.state().epoch,
      need,
      trigger,
      gate: createGate(clock, () => (mine.ending ? refreshRejected() : timeUpError(options.refreshTimeoutMs))),
      from: store.tokens(),
      startedAt: clock.monotonic(),
      refused: undefined,
      waiting: new AbortController(),
      release: () => {},
      forced: false,
      ending: false,
      attempts: 0,
    }
    flight = mine
    const issuedAt = mine.from?.issuedAt
    const age = issuedAt === undefined ? {} : { tokenAgeMs: Math.max(0, clock.now() - issuedAt) }
    announcer.emit('refreshStarted', mine.epoch, { flightId: mine.id, trigger, ...age })
    void fly(mine)
    return mine
  }

  function join(need: TokenNeed, trigger: RefreshTrigger): Gate | TokenflightError {
    if (!flight) {
      const error = hold.reason(trigger)
      if (error) return error
      flight = start(need, trigger)
    }
    if (trigger === 'refused') flight.refused = store.tokens()?.accessToken
    if (trigger === 'forced') flight.forced = true
    return flight.gate
  }

  async function fly(mine: Flight): Promise<void> {
    const askedAt = clock.now()
    const lock = await acquireLock({
      storage,
      clock,
      refreshTimeoutMs: options.refreshTimeoutMs,
      signal: mine.waiting.signal,
      onError: onStorageError,
    })
    if (!lock) return land(mine, store.state().epoch === mine.epoch ? commit.found() : {})
    mine.release = lock.release
    const later: (() => void)[] = []
    let isOver = false
    // a storage call may outlast the flight
    const defer: Defer = (task) => (isOver ? task() : void later.push(task))
    const landing = await attempt(mine, askedAt, lock, defer).catch((cause: unknown) => {
      // whatever goes wrong, a flight ends: otherwise every request would wait for it
      report(cause)
      return commit.unavailable(
        new RefreshUnavailableError('The refresh failed unexpectedly; `onError` has the cause.'),
        undefined,
        defer,
      )
    })
    left = landing.unavailableUntil
    lock.release(left)
    land(mine, landing)
    isOver = true
    for (const task of later) task()
  }

  function land(mine: Flight, { error, source }: Landing): void {
    const report = {
      flightId: mine.id,
      durationMs: clock.monotonic() - mine.startedAt,
      attempts: mine.attempts,
      waiters: mine.gate.size(),
    }
    if (flight === mine) flight = undefined
    // R3: what was refused meanwhile came another way, so this flight was not for it
    const { refused } = mine
    const isOther = refused !== undefined && refused !== mine.from?.accessToken && !cooldown.holds()
    if (!error && isOther && refused === store.tokens()?.accessToken) join({}, 'refused')
    // F6: who waited looks again, and finds the session ended
    mine.gate.open(mine.ending ? undefined : error)
    if (error) announcer.emit('refreshFailed', mine.epoch, { ...report, error })
    else if (source) announcer.emit('refreshed', store.state().epoch, { ...report, source })
  }

  async function attempt(mine: Flight, askedAt: number, lock: FlightLock, defer: Defer): Promise<Landing> {
    const { unavailableUntil, outOfReach } = lock
    if (outOfReach) return commit.unavailable(notRead(outOfReach), undefined, defer)
    if (
      unavailableUntil !== undefined &&
      unavailableUntil !== left &&
      takesOutcome(unavailableUntil, askedAt, clock.now())
    )
      return commit.inherit(unavailableUntil)
    let refused: TokenSet | undefined
    let rejection: TokenflightError | undefined
    for (;;) {
      const unread = await store.look(defer)
      if (store.state().epoch !== mine.epoch || store.state().status === 'signedOut') return {}
      if (unread && (storage.lock || rejection)) return commit.unavailable(notRead(unread), undefined, defer)
      const tokens = store.tokens()
      if (rejection) {
        // F6: another refresh token there is tried
        if (isSpent(tokens, refused)) {
          // the session ends before the storage is cleared, and whoever comes next must not find there what was refused
          mine.ending = true
          return commit.rejected(mine, rejection, defer)
        }
        if (tokens?.refreshToken === undefined) return commit.found()
      } else if (isServed(mine)) return commit.found()
      if (!exchange) return {}
      const timeoutMs = options.refreshTimeoutMs - (clock.monotonic() - lock.heldSince)
      // by now another one may have the lock, and a refresh without any time left would only spend the refresh token
      if (timeoutMs <= 0) return commit.unavailable(timeUpError(options.refreshTimeoutMs), undefined, defer)
      const outcome = await exchange({
        ...mine.need,
        tokens,
        trigger: mine.trigger,
        timeoutMs,
        superseded: async () => (await store.look(defer)) !== undefined || store.tokens() !== tokens,
      })
      mine.attempts += outcome.attempts ?? 1
      if (outcome.kind !== 'rejected') return commit.outcome(mine, outcome, tokens, defer)
      rejection = outcome.error
      refused = tokens
    }
  }

  return {
    possible: () =>
      exchange !== undefined &&
      (options.refreshWithoutToken ? store.state().status !== 'signedOut' : store.tokens()?.refreshToken !== undefined),
    join,
    underWay: () => flight !== undefined,
    blocking: (tokens) => (flight && flight.refused === tokens.accessToken ? flight.gate : undefined),
    satisfies,
  }
}

const refreshRejected = (): UnauthenticatedError =>
  new UnauthenticatedError('The session ended while this request was waiting (refreshRejected); it was not sent.')

/** F3: without knowing what others have stored nobody refreshes. */
const notRead = (cause: TokenflightError): RefreshUnavailableError =>
  new RefreshUnavailableError(
    'The token storage, or its lock, was out of reach, so nothing was refreshed; see `cause`. Try again.',
    {
      cause,
    },
  )

/** Has this been refused by the authorization server already? */
const isSpent = (tokens: TokenSet | undefined, refused: TokenSet | undefined): boolean =>
  sameTokens(tokens, refused) || (tokens?.refreshToken !== undefined && tokens.refreshToken === refused?.refreshToken)
