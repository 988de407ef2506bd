import type { AuthClient } from '../core/auth-client'
import type { Authorization, Authorizer, RequestFacts } from '../core/authorizer'
import { mergeTokens } from '../core/merge-tokens'
import { initialState, type SessionState, type SignedOutReason, transition } from '../core/session-state'
import type { TokenSet } from '../core/token-set'
import { urlJoiner } from '../core/url-joiner'
import { ConfigurationError } from '../errors/configuration-error'
import type { TokenflightError } from '../errors/tokenflight-error'
import { UnauthenticatedError } from '../errors/unauthenticated-error'
import { createAnnouncer } from '../session/announcer'
import { readInput } from '../session/read-input'
import { createReporter } from '../session/report'
import { systemClock } from '../session/system-clock'
import { fetchWithAuth } from '../transports/fetch'

/** A session as a test or a story wants it. */
export type FakeSession =
  | {
      readonly status?: 'signedIn'
      /** @defaultValue an opaque access token that does not expire */
      readonly tokens?: Partial<TokenSet>
    }
  | { readonly status: 'signedOut'; readonly reason?: SignedOutReason }
  /** With an `error`: what is needed to know the session cannot be had. */
  | { readonly status: 'restoring'; readonly error?: TokenflightError }

export type FakeAuthClientOptions = FakeSession & {
  /** What relative URLs are appended to. @defaultValue `'https://api.example'` */
  readonly baseUrl?: string
  /** What requests go out with. @defaultValue one that rejects with a `ConfigurationError`: no network */
  readonly fetch?: typeof globalThis.fetch
}

/** An {@link AuthClient} whose session is whatever it is told to be. It never refreshes and stores nothing. */
export interface FakeAuthClient extends AuthClient {
  /** Another session from now on: `state` changes, listeners are called, events fire as they would. */
  setState(session: FakeSession): void
}

const defaultTokens: TokenSet = { accessToken: 'fake-access-token' }

/**
 * A client for component tests and stories: signed in, signed out or still restoring, without a server and without a storage.
 * Whoever asks while it is restoring waits until {@link FakeAuthClient.setState} says more. Tokens go to every origin.
 */
export function fakeAuthClient(options: FakeAuthClientOptions = {}): FakeAuthClient {
  const { baseUrl = 'https://api.example', fetch: send = noNetwork } = options
  const base = new URL(baseUrl)
  const { report } = createReporter(undefined, (error) => error)
  const announcer = createAnnouncer(systemClock, report)
  const listeners = new Set<() => void>()
  let state = begin(options)
  let snapshot = withoutTokens(state)

  function become(next: SessionState): void {
    const previous = state
    if (next === previous) return
    state = next
    if (next.status !== 'signedIn' || next.epoch !== previous.epoch) snapshot = withoutTokens(next)
    for (const listener of [...listeners]) listener()
    if (next.epoch === previous.epoch) return
    if (previous.status === 'signedIn') {
      announceEnd(previous.epoch, (next.status === 'signedOut' && next.reason) || 'replaced')
    }
    if (next.status === 'signedIn') announcer.emit('signedIn', next.epoch, { source: 'signIn' })
  }

  function announceEnd(epoch: number, reason: SignedOutReason): void {
    announcer.emit('signedOut', epoch, { reason })
    if (reason !== 'signOut' && reason !== 'replaced') announcer.emit('unauthenticated', epoch, { reason })
  }

  /** The state once it is known. */
  async function known(signal?: AbortSignal): Promise<Exclude<SessionState, { status: 'restoring' }>> {
    for (;;) {
      signal?.throwIfAborted()
      if (state.status !== 'restoring') return state
      if (state.error) throw state.error
      await nextChange(signal)
    }
  }

  /** Resolves too when the signal fires. */
  function nextChange(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        stop()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const stop = subscribe(done)
      signal?.addEventListener('abort', done)
    })
  }

  function subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }

  function authorization({ authenticate }: RequestFacts): Authorization | undefined {
    if (state.status !== 'signedIn') {
      if (authenticate === 'required') throw nobody()
      return undefined
    }
    const { epoch, tokens } = state
    const { accessToken } = tokens
    return { headers: [['authorization', `Bearer ${accessToken}`]], epoch, need: {}, accessToken, resend: false }
  }

  const authorizer: Authorizer = {
    authorize(request) {
      if (request.authenticate === false) return undefined
      return state.status === 'restoring'
        ? known(request.signal).then(() => authorization(request))
        : authorization(request)
    },
    reauthorize: () => undefined,
  }

  return {
    ...authorizer,
    baseUrl,
    fetch: fetchWithAuth(authorizer, () => send, urlJoiner(base)),
    get state() {
      return snapshot
    },
    setState(session) {
      become(follow(state, session))
    },
    async signIn(input) {
      const tokens = readInput(input, systemClock)
      become(transition(state, { type: 'signedIn', tokens: tokens instanceof Promise ? await tokens : tokens }))
    },
    async setTokens(input) {
      const tokens = await readInput(input, systemClock)
      await known()
      if (state.status !== 'signedIn') throw nobody()
      const { epoch } = state
      become(transition(state, { type: 'refreshed', epoch, tokens: mergeTokens(state.tokens, tokens) }))
      announcer.emit('refreshed', epoch, { flightId: 0, durationMs: 0, attempts: 0, waiters: 0, source: 'setTokens' })
    },
    async signOut() {
      become(transition(state, { type: 'ended', epoch: state.epoch, reason: 'signOut' }))
      return { revoked: false }
    },
    async getAccessToken({ signal } = {}) {
      const session = await known(signal)
      if (session.status !== 'signedIn') throw nobody()
      return session.tokens.accessToken
    },
    getTokens: () => (state.status === 'signedIn' ? state.tokens : undefined),
    async ready({ signal } = {}) {
      await known(signal)
      return snapshot
    },
    subscribe,
    on: announcer.on,
    dispose() {},
  }
}

/** The session a client begins with: nothing ended before it. */
function begin(session: FakeSession): SessionState {
  const next = follow(initialState, session)
  return next.status === 'restoring' ? { ...next, epoch: initialState.epoch } : next
}

function follow(state: SessionState, session: FakeSession): SessionState {
  switch (session.status) {
    case 'signedOut':
      return transition(state, {
        type: 'ended',
        epoch: state.epoch,
        ...(session.reason ? { reason: session.reason } : {}),
      })
    case 'restoring':
      return { status: 'restoring', epoch: state.epoch + 1, ...(session.error ? { error: session.error } : {}) }
    default:
      return transition(state, { type: 'signedIn', tokens: { ...defaultTokens, ...session.tokens } })
  }
}

function withoutTokens(state: SessionState): AuthClient['state'] {
  return state.status === 'signedIn' ? { status: 'signedIn', epoch: state.epoch } : state
}

const nobody = (): UnauthenticatedError => new UnauthenticatedError('Nobody is signed in: call signIn first.')

const noNetwork = (): Promise<Response> =>
  Promise.reject(new ConfigurationError('This fakeAuthClient has no network: give it the option fetch.'))
