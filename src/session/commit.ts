import type { TokenSource } from '../core/auth-events'
import type { Clock } from '../core/clock'
import { mergeTokens } from '../core/merge-tokens'
import type { RefreshOutcome, UnavailableOutcome } from '../core/refresh-outcome'
import type { TokenSet } from '../core/token-set'
import { RefreshUnavailableError } from '../errors/refresh-unavailable-error'
import type { TokenflightError } from '../errors/tokenflight-error'
import type { Announcer, Defer } from './announcer'
import type { Flight } from './flight'
import type { RefreshHold } from './refresh-hold'
import type { RefusalCooldown } from './refusal-cooldown'
import type { SessionStore } from './session-store'

/** How a flight ended. */
export interface Landing {
  /** Why its waiters get no token. Without it they look again: at new tokens, or at a session that ended. */
  readonly error?: TokenflightError
  /** Where the new tokens came from, if there are any. */
  readonly source?: TokenSource
  /** H3: left with the lock (epoch ms). */
  readonly unavailableUntil?: number
}

export interface CommitParts {
  readonly store: SessionStore
  readonly clock: Clock
  readonly options: { readonly refreshTimeoutMs: number }
  readonly announcer: Announcer
  readonly hold: RefreshHold
  readonly cooldown: RefusalCooldown
  /** F9: ends tokens at the authorization server that came for a session that is over. Never rejects. */
  readonly revokeLate: (tokens: TokenSet) => void
}

/** What the session does with an outcome (F4 to F9, E6). */
export interface Commit {
  outcome(
    flight: Flight,
    outcome: Exclude<RefreshOutcome, { kind: 'rejected' }>,
    from: TokenSet | undefined,
    defer: Defer,
  ): Promise<Landing>
  rejected(flight: Flight, error: TokenflightError, defer: Defer): Promise<Landing>
  unavailable(error: TokenflightError, retryAfterMs: number | undefined, defer: Defer | undefined): Landing
  inherit(unavailableUntil: number): Landing
  found(): Landing
}

interface Parts extends CommitParts {
  onClaims(tokens: TokenSet, claims: string): void
}

export function createCommit(parts: Parts): Commit {
  const { store, clock, options, announcer, hold, cooldown, revokeLate, onClaims } = parts

  /** F4: a little before those who wait lose their patience; for what comes late (without `defer`) nobody waits. */
  function storedBy({ startedAt }: Flight, defer: Defer | undefined): number | undefined {
    if (!defer) return undefined
    const short = options.refreshTimeoutMs / 20
    return Math.max(startedAt + options.refreshTimeoutMs - short, clock.monotonic() + short)
  }

  /** True when the tokens are in use now. */
  async function adopt(flight: Flight, from: TokenSet | undefined, tokens: TokenSet, defer?: Defer): Promise<boolean> {
    const adopted = await store.adopt(flight.epoch, from, tokens, { defer, storedBy: storedBy(flight, defer) })
    if (adopted) return true
    if (store.state().epoch !== flight.epoch) revokeLate(tokens)
    return false
  }

  async function refreshed(
    flight: Flight,
    answer: TokenSet,
    from: TokenSet | undefined,
    defer?: Defer,
  ): Promise<Landing> {
    const tokens = mergeTokens(from, answer)
    const isValid = tokens.expiresAt === undefined || tokens.expiresAt > clock.now()
    const isNew = tokens.accessToken !== from?.accessToken || flight.forced
    if (!isValid || !isNew) {
      await keepRotated(flight, from, tokens.refreshToken, defer)
      return unavailable(new RefreshUnavailableError(isNew ? alreadyExpired : sameAgain), undefined, defer)
    }
    // somebody else was faster, or the session is over
    if (!(await adopt(flight, from, tokens, defer))) return store.state().epoch === flight.epoch ? found() : {}
    if (flight.need.claims !== undefined) onClaims(tokens, flight.need.claims)
    hold.clear()
    cooldown.refreshed()
    return { source: 'exchange' }
  }

  /** E6: a refresh token that was rotated is kept, whatever else is wrong with the answer. */
  async function keepRotated(
    flight: Flight,
    from: TokenSet | undefined,
    refreshToken: string | undefined,
    defer?: Defer,
  ): Promise<void> {
    if (!from || refreshToken === undefined || refreshToken === from.refreshToken) return
    await adopt(flight, from, { ...from, refreshToken }, defer)
  }

  /** F2: what arrives after the deadline still counts, for the same session. */
  async function adoptLate(flight: Flight, late: Promise<RefreshOutcome>, from: TokenSet | undefined): Promise<void> {
    const outcome = await late
    if (outcome.kind === 'unavailable') return keepRotated(flight, from, outcome.refreshToken)
    if (outcome.kind !== 'refreshed') return
    const { source } = await refreshed(flight, outcome.tokens, from)
    if (source !== 'exchange') return
    const { epoch } = store.state()
    const durationMs = clock.monotonic() - flight.startedAt
    announcer.emit('refreshed', epoch, {
      flightId: flight.id,
      durationMs,
      attempts: flight.attempts,
      waiters: 0,
      source,
    })
  }

  function unavailable(error: TokenflightError, retryAfterMs: number | undefined, defer: Defer | undefined): Landing {
    const ms = hold.unavailable(error, retryAfterMs)
    if (store.state().status === 'restoring') store.restoreFailed(store.state().epoch, error, defer)
    return { error, unavailableUntil: clock.now() + ms }
  }

  async function unavailableOutcome(
    flight: Flight,
    { error, retryAfterMs, refreshToken, late }: UnavailableOutcome,
    from: TokenSet | undefined,
    defer: Defer,
  ): Promise<Landing> {
    await keepRotated(flight, from, refreshToken, defer)
    if (late) void adoptLate(flight, late, from)
    if (store.state().epoch !== flight.epoch) return {}
    // somebody else refreshed while this one asked in vain
    const tokens = store.tokens()
    if (tokens && tokens.accessToken !== from?.accessToken) return found()
    return unavailable(error, retryAfterMs, defer)
  }

  function found(): Landing {
    hold.clear()
    return { source: 'storage' }
  }

  return {
    async outcome(flight, outcome, from, defer) {
      if (outcome.kind === 'refreshed') return refreshed(flight, outcome.tokens, from, defer)
      if (outcome.kind === 'unavailable') return unavailableOutcome(flight, outcome, from, defer)
      if (store.state().epoch !== flight.epoch) return {}
      const { error } = outcome
      if (outcome.kind === 'misconfigured') {
        hold.misconfigured(error)
        if (store.state().status === 'restoring') store.restoreFailed(flight.epoch, error, defer)
        return { error }
      }
      hold.interactionRequired(error)
      // nobody is signed in at the authorization server either: there is nothing left to restore from
      if (store.state().status === 'restoring') store.nobody(flight.epoch, defer)
      defer(() => announcer.emit('interactionRequired', flight.epoch, { error }))
      return { error }
    },
    async rejected(flight, error, defer) {
      if (store.state().status === 'restoring') store.nobody(flight.epoch, defer)
      else await store.end(flight.epoch, { reason: 'refreshRejected', error }, defer)
      return { error }
    },
    unavailable,
    inherit(unavailableUntil) {
      const error = new RefreshUnavailableError(
        'The authorization server did not answer another holder of this session a moment ago. Try again.',
      )
      hold.inherited(error, Math.max(0, unavailableUntil - clock.now()))
      return { error, unavailableUntil }
    },
    found,
  }
}

const sameAgain =
  'The refresh gave the same access token again. Check that the refresher asks for a new one (an answer from a cache?).'
const alreadyExpired =
  'The refresh gave an access token that has expired already. Check `expires_in` (seconds) or `expiresAt` (epoch milliseconds) in its answer.'
