import type { AuthClient } from '../core/auth-client'
import type { Clock } from '../core/clock'
import { mergeTokens } from '../core/merge-tokens'
import type { SessionState } from '../core/session-state'
import type { TokenSet } from '../core/token-set'
import { ConfigurationError } from '../errors/configuration-error'
import { UnauthenticatedError } from '../errors/unauthenticated-error'
import type { Announcer } from './announcer'
import type { CallsInOrder } from './calls-in-order'
import { readInput } from './read-input'
import type { RefreshFlight } from './refresh-flight'
import type { RefreshHold } from './refresh-hold'
import type { RefusalCooldown } from './refusal-cooldown'
import type { SessionStore } from './session-store'
import { anyToken, type TokenSource, type Wish } from './token-source'

interface Parts {
  readonly store: SessionStore
  readonly source: TokenSource
  readonly flight: RefreshFlight
  readonly hold: RefreshHold
  readonly cooldown: RefusalCooldown
  readonly calls: CallsInOrder
  readonly clock: Clock
  readonly announcer: Announcer
  /** F9: ends tokens at the authorization server that nobody is going to use. Never rejects. */
  readonly revokeLate: (tokens: TokenSet) => void
}

/** S1: what an app does with tokens itself. */
export function createClientTokens(
  parts: Parts,
): Pick<AuthClient, 'signIn' | 'setTokens' | 'getAccessToken' | 'getTokens'> {
  const { store, source, flight, hold, cooldown, calls, clock, announcer, revokeLate } = parts

  /** An empty answer of the session, as an error. */
  const nobody = (): UnauthenticatedError => new UnauthenticatedError('Nobody is signed in: call signIn first.')

  return {
    async signIn(input) {
      const call = calls.begin()
      const read = readInput(input, clock)
      const tokens = read instanceof Promise ? await read : read
      if (!calls.takeEffect(call)) {
        if (tokens.refreshToken !== store.tokens()?.refreshToken) revokeLate(tokens)
        throw new UnauthenticatedError(
          'The app signed in or out again while the answer of this sign-in was being read.',
        )
      }
      await store.signIn(tokens)
    },
    async setTokens(input) {
      const asked = store.state()
      const tokens = await readInput(input, clock)
      await source.known({ need: anyToken })
      const epoch = epochSince(asked)
      for (;;) {
        const state = store.state()
        if (state.status !== 'signedIn' || state.epoch !== epoch) throw nobody()
        if (await store.adopt(epoch, state.tokens, mergeTokens(state.tokens, tokens))) break
      }
      hold.clear()
      cooldown.given()
      announcer.emit('refreshed', epoch, { flightId: 0, durationMs: 0, attempts: 0, waiters: 0, source: 'setTokens' })
    },
    async getAccessToken({ minValidityMs, forceRefresh = false, signal } = {}) {
      if (minValidityMs !== undefined && !(minValidityMs >= 0)) {
        throw new ConfigurationError(
          'The option minValidityMs of getAccessToken has to be a number of milliseconds from 0.',
        )
      }
      signal?.throwIfAborted()
      const wish: Wish = { need: anyToken, signal, ahead: minValidityMs }
      const offer = await (forceRefresh ? forced(wish) : source.obtain(wish))
      if (!offer.tokens) throw nobody()
      return offer.tokens.accessToken
    },
    getTokens: () => store.tokens(),
  }

  /** F9: what was asked while somebody was signed in is meant for that session, whoever is found signed in by now. */
  function epochSince(asked: SessionState): number {
    const { status, epoch } = store.state()
    if (status !== 'signedIn' || (asked.status === 'signedIn' && asked.epoch !== epoch)) throw nobody()
    return epoch
  }
  async function forced(wish: Wish): ReturnType<TokenSource['refreshed']> {
    const asked = store.state()
    await source.known(wish)
    const epoch = epochSince(asked)
    if (!flight.possible()) {
      throw new ConfigurationError(
        'forceRefresh needs something to refresh with: the option refresh, and a refresh token or refreshWithoutToken.',
      )
    }
    return source.refreshed({ ...wish, epoch, ahead: undefined }, 'forced')
  }
}
