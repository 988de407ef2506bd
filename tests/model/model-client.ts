import type { AuthClient } from '../../src/core/auth-client'
import type { AuthEventName, AuthEvents } from '../../src/core/auth-events'
import type { RefreshContext } from '../../src/core/refresher'
import type { SessionSnapshot } from '../../src/core/session-state'
import type { TokenResponse } from '../../src/core/token-set'
import type { TokenStorage } from '../../src/core/token-storage'
import type { Call } from './call'
import type { Session } from './model-server'
import type { World } from './world'

export const refreshTimeoutMs = 10_000
const refreshCooldownMs = 5_000

/** An error that the model itself made, as an outage would. */
class WireError extends Error {}

/** One client of the subject, watched: whatever breaks a rule is said to the world. */
export interface ModelClient {
  readonly name: string
  readonly auth: AuthClient
  /** The session it is in. */
  readonly session: Session | undefined
  readonly calls: readonly Call[]
  /** Calls of the app that are not done. */
  readonly unsettled: ReadonlySet<string>
  readonly endings: readonly {
    readonly epoch: number
    readonly session: Session | undefined
    readonly reason: string
  }[]
  request(options?: { readonly stream?: boolean; readonly required?: boolean }): Call
  token(options: { readonly force: boolean; readonly minValidityMs?: number | undefined }): void
  signIn(user: string): void
  signOut(): void
  setTokens(): void
  /** Looks whether the state has changed in a way it must not. */
  observe(): void
  /** To be called when every promise has settled. */
  checkWaits(): void
  checkAtRest(): void
}

export function modelClient(name: string, world: World): ModelClient {
  const { clock, server, steps, setup } = world
  const fail = (message: string): void => world.fail(`${name}: ${message}`)
  const calls: Call[] = []
  const unsettled = new Set<string>()
  const refusedTokens = new Set<string>()
  /** The session of each epoch that was signed in. */
  const sessions = new Map<number, Session>()
  const endings: { epoch: number; session: Session | undefined; reason: string }[] = []
  let forced = 0
  let rejected = false
  /** F6: tried because another one was rejected; F5: once more where its answer was lost. */
  let triedInstead: string | undefined
  let announcedIn: number | undefined
  let lastRefusedResend = Number.NEGATIVE_INFINITY
  let lastRefresh = Number.NEGATIVE_INFINITY
  let lastToken: string | undefined
  let lockedAt: number | undefined
  let lockAskedAt: number | undefined
  const signOutEpochs = new Set<number>()

  const auth = world.subject.createAuthClient({
    baseUrl: 'https://api.example',
    clock,
    random: () => 0.5,
    storage: watchLock(world.storage),
    refreshTimeoutMs,
    refreshCooldownMs,
    keepFresh: setup.keepFresh,
    signOutOnSecondRefusal: setup.signOutOnSecondRefusal,
    refresh,
    fetch: send,
    onError(error) {
      if (error instanceof WireError || error instanceof DOMException) return
      if (error instanceof Error && error.name.startsWith('Refresh')) return
      fail(`an unexpected error: ${String(error instanceof Error ? error.stack : error)}`)
    },
  })
  let seen: SessionSnapshot = auth.state
  let seenSession: Session | undefined

  function watchLock(storage: TokenStorage): TokenStorage {
    const { lock } = storage
    if (!lock) return storage
    return {
      ...storage,
      async lock(signal, which) {
        lockAskedAt ??= clock.monotonic()
        const held = await lock(signal, which)
        if (which === 'fallback' || signal.aborted) return held
        lockedAt = clock.monotonic()
        lockAskedAt = undefined
        return {
          ...held,
          release(until) {
            lockedAt = undefined
            return held.release(until)
          },
        }
      },
    }
  }

  async function refresh(context: RefreshContext): Promise<TokenResponse> {
    const { refreshToken, signal, trigger, tokens } = context
    const session = server.sessionOf(refreshToken)
    if (!session) throw new Error('a refresh token that nobody issued')
    const startedAt = clock.monotonic()
    const held = lockedAt
    if (held === undefined && startedAt - (lockAskedAt ?? startedAt) < refreshTimeoutMs)
      fail(`F1: refreshes without the lock`)
    const done = world.refreshes.start({ by: name, session, refreshToken, lockedAt: held }, fail)
    if (rejected) triedInstead = refreshToken
    const isOnRefusal = trigger === 'refused' && !isOver(tokens.expiresAt) && refreshToken !== triedInstead
    if (isOnRefusal && !refusedTokens.has(tokens.accessToken))
      fail(`R2: refreshes because of a refusal, but ${tokens.accessToken} was not refused`)
    if (trigger === 'forced' && forced === 0) fail('a forced refresh that nobody asked for')
    rejected = false
    signal.addEventListener('abort', () => {
      if (held !== undefined && clock.monotonic() - held < refreshTimeoutMs)
        fail('Q2: a refresh was aborted before its time was up')
      session.mayHaveRotated = true
      done(false)
    })
    const cancelled = setup.ignoresSignal ? undefined : signal
    try {
      await steps.turn({ signal: cancelled })
      const answer = act(refreshToken, session, signal)
      await steps.turn({ signal: cancelled })
      const tokens = answer()
      done(!signal.aborted)
      return tokens
    } finally {
      done(false)
    }
  }
  const isOver = (expiresAt = Number.POSITIVE_INFINITY): boolean => expiresAt - clock.now() < 60_000

  /** What the authorization server does with it. Returns what its answer is to the client. */
  function act(refreshToken: string, session: Session, signal: AbortSignal): () => TokenResponse {
    const fault = server.faults.token
    if (fault) world.outages += 1
    switch (fault) {
      case 'status503':
        return answerError('503', { status: 503 })
      case 'retryAfter':
        return answerError('429', { status: 429, headers: { 'retry-after': '3' } })
      case 'misconfigured':
        return answerError('invalid_client', { status: 401, data: { error: 'invalid_client' } })
      case 'interaction':
        return answerError('interaction_required', { status: 400, data: { error: 'interaction_required' } })
      case 'lostRequest':
        return answerError('lost', {})
    }
    const tokens = server.exchange(refreshToken)
    if (!tokens) {
      return () => {
        rejected = !signal.aborted
        if (rejected) world.refreshes.refused(refreshToken, name)
        return answerError('invalid_grant', { status: 400, data: { error: 'invalid_grant' } })()
      }
    }
    if (fault !== 'lostAnswer') return () => tokens
    session.mayHaveRotated = true
    return answerError('lost', {})
  }

  async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const call = calls[Number(new URL(String(input)).pathname.slice(1))]
    if (!call) throw new Error('a request that nobody made')
    const accessToken = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length)
    const { signal } = call.abort
    // as every fetch does: nothing is sent
    signal.throwIfAborted()
    noteSend(call, accessToken)
    await steps.turn({ signal })
    const fault = server.faults.api
    if (fault === 'lostRequest') throw new WireError('lost')
    const accepted = server.accepts(accessToken) && fault !== 'refused'
    await steps.turn({ signal })
    if (fault === 'lostAnswer') throw new WireError('lost')
    call.waitsSince = clock.monotonic()
    if (fault === 'status500') return new Response(null, { status: 500 })
    if (accepted) return new Response(null, { status: 200 })
    if (accessToken !== undefined) refusedTokens.add(accessToken)
    if (call.sends.length === 2) lastRefusedResend = clock.monotonic()
    return new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })
  }

  function noteSend(call: Call, accessToken: string | undefined): void {
    const { label, sends } = call
    call.waitsSince = undefined
    sends.push(accessToken)
    if (sends.length > (call.once ? 1 : 2)) fail(`R4: ${label} was sent ${sends.length} times`)
    if (sends.length === 2 && sends[0] === sends[1]) fail(`R2: ${label} was sent again with the same token`)
    const session = accessToken === undefined ? undefined : server.sessionOf(accessToken)
    if (call.session && session !== call.session) {
      const theirs = session ? `session ${session.id} (${session.user})` : 'no session'
      fail(`F9: ${label} of session ${call.session.id} (${call.session.user}) was sent with ${theirs}`)
    }
    call.session ??= session
  }

  function observe(): void {
    const accessToken = auth.getTokens()?.accessToken
    if (accessToken !== lastToken) lastRefresh = clock.monotonic()
    lastToken = accessToken
    const { state } = auth
    const before = seen
    if (state === before && seenSession === currentSession()) return
    const session = seenSession
    seen = state
    seenSession = currentSession()
    if (session && state.status === 'signedOut') session.mayBeEnded = true
    if (state.epoch < before.epoch) fail(`the epoch went down from ${before.epoch} to ${state.epoch}`)
    if (state.epoch === before.epoch && state.status !== before.status && before.status !== 'restoring')
      fail(`${before.status} became ${state.status} in the same epoch ${state.epoch}`)
    if (state.status !== 'signedIn' || !seenSession) return
    const known = sessions.get(state.epoch)
    if (known && known !== seenSession)
      fail(`F9: epoch ${state.epoch} went from session ${known.id} to ${seenSession.id}`)
    for (const [epoch, session] of sessions)
      if (epoch !== state.epoch && session === seenSession && signOutEpochs.has(epoch))
        fail(`F9: session ${session.id} came back after its end`)
    sessions.set(state.epoch, seenSession)
  }
  function currentSession(): Session | undefined {
    const accessToken = auth.getTokens()?.accessToken
    return accessToken === undefined ? undefined : server.sessionOf(accessToken)
  }

  function onEvent(event: AuthEventName, details: AuthEvents[AuthEventName]): void {
    observe()
    const { epoch } = details
    if (event === 'signedOut' && 'reason' in details) {
      if (endings.some((ending) => ending.epoch === epoch)) fail(`S3: a second signedOut of epoch ${epoch}`)
      if (auth.state.epoch === epoch) fail(`S3: signedOut of epoch ${epoch}, which goes on`)
      endings.push({ epoch, session: sessions.get(epoch), reason: details.reason })
      if (details.reason === 'signOut' && !signOutEpochs.has(epoch)) fail('S3: signOut, but nobody called it')
      if (details.reason === 'tokenRefused' && !setup.signOutOnSecondRefusal)
        fail('S3: tokenRefused, but it can refresh')
    }
    if (event === 'unauthenticated') {
      const signedInIn = Math.max(0, ...sessions.keys())
      if (announcedIn === signedInIn) fail('S3: unauthenticated a second time between two sign-ins')
      announcedIn = signedInIn
      if (auth.state.status === 'signedIn') fail('S3: unauthenticated while somebody is signed in')
      if (setup.onUnauthenticated === 'signIn') signIn('ada')
      if (setup.onUnauthenticated === 'signOut') signOut()
    }
    if (event === 'refreshFailed' && 'error' in details && /unexpectedly/.test(details.error?.message ?? ''))
      fail('a flight failed unexpectedly')
  }

  function track(label: string, work: Promise<unknown>, onError?: (error: unknown) => void): void {
    unsettled.add(label)
    work.then(
      () => unsettled.delete(label),
      (error: unknown) => {
        unsettled.delete(label)
        if (onError) onError(error)
        else fail(`${label} rejected: ${String(error)}`)
      },
    )
  }
  function newCall(kind: string, once: boolean): Call {
    observe()
    const call: Call = {
      label: `${kind} ${calls.length}`,
      session: currentSession(),
      abort: new AbortController(),
      once,
      sends: [],
      outcome: undefined,
      waitsSince: clock.monotonic(),
    }
    calls.push(call)
    return call
  }
  function follow(call: Call, work: Promise<unknown>, check: () => void): void {
    const settle = (outcome: Call['outcome']): void => {
      call.outcome = outcome
      observe()
      check()
    }
    track(
      call.label,
      work.then(
        (value) => settle({ value }),
        (error: unknown) => settle({ error }),
      ),
    )
  }

  const ended = (session: Session | undefined): boolean =>
    session !== undefined &&
    // it may have come back since: newer tokens of another client were stored a moment before its own were cleared
    (endings.some((ending) => ending.session === session) ||
      auth.state.epoch > Math.max(0, ...[...sessions].map(([e, its]) => (its === session ? e : 0))))
  /** May this call have failed so? */
  function checkError(call: Call, error: unknown): void {
    if (call.abort.signal.aborted && error === call.abort.signal.reason) return
    if (error instanceof WireError) return
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'AUTH_UNAUTHENTICATED' && (call.session === undefined || ended(call.session))) return
    // an answer whose token has expired when it comes is no use either
    const patience = Math.min(refreshTimeoutMs, setup.accessTokenTtlMs)
    if (code === 'AUTH_REFRESH_UNAVAILABLE' && (world.outages > 0 || clock.turned || clock.monotonic() >= patience))
      return
    if ((code === 'AUTH_REFRESH_MISCONFIGURED' || code === 'AUTH_INTERACTION_REQUIRED') && world.outages > 0) return
    if (code === 'AUTH_STORAGE' && clock.monotonic() >= refreshTimeoutMs) return
    fail(`${call.label} of session ${call.session?.id} failed without a reason: ${String(error)}`)
  }
  function checkAnswer(call: Call): void {
    const { outcome, sends, label } = call
    if (!outcome) return
    if ('error' in outcome) {
      checkError(call, outcome.error)
      return
    }
    if (!(outcome.value instanceof Response) || outcome.value.status !== 401) return
    if (sends.length === 2 || call.once || sends[0] === undefined || call.abort.signal.aborted) return
    if (ended(call.session) || world.outages > 0) return
    const now = clock.monotonic()
    if (now - lastRefresh < refreshCooldownMs || now - lastRefusedResend < refreshCooldownMs) return
    fail(`R3: ${label} got its 401 although a refresh would have helped`)
  }

  function signIn(user: string): void {
    const before = currentSession()
    if (before) before.mayBeEnded = true
    const { session, tokens } = server.signIn(user)
    session.mayBeEnded = world.blindSignOuts > 0
    track(`signIn ${session.id}`, auth.signIn(tokens))
    if (currentSession() !== session) fail('S1: signIn did not take effect at once')
    observe()
  }
  function signOut(): void {
    observe()
    const { status, epoch } = auth.state
    const session = currentSession()
    if (session) session.signedOut = true
    if (status === 'restoring') for (const each of server.sessions) each.mayBeEnded = true
    signOutEpochs.add(epoch)
    const work = auth.signOut()
    if (status === 'restoring') {
      world.blindSignOuts += 1
      void work.finally(() => {
        world.blindSignOuts -= 1
      })
    }
    track('signOut', work)
    // in the meantime the app of another client may have signed in
    if (session && currentSession() === session) fail('S4: signOut did not end the session at once')
    observe()
  }

  auth.on('*', onEvent)
  auth.subscribe(observe)
  observe()

  return {
    name,
    auth,
    calls,
    unsettled,
    endings,
    get session() {
      return currentSession()
    },
    request({ stream = false, required = false } = {}) {
      const call = newCall('request', stream)
      const work = auth.fetch(`/${calls.indexOf(call)}`, {
        signal: call.abort.signal,
        ...(required && { authenticate: 'required' as const }),
        ...(stream && { method: 'POST', body: new ReadableStream(), duplex: 'half' }),
      })
      follow(call, work, () => checkAnswer(call))
      return call
    },
    token({ force, minValidityMs }) {
      const call = newCall('getAccessToken', false)
      if (force) forced += 1
      const { signal } = call.abort
      const work = auth.getAccessToken({
        forceRefresh: force,
        signal,
        ...(minValidityMs !== undefined && { minValidityMs }),
      })
      follow(call, work, () => {
        const { outcome } = call
        if (!outcome) return
        if ('error' in outcome) {
          checkError(call, outcome.error)
          return
        }
        const session = server.sessionOf(String(outcome.value))
        if (call.session && session !== call.session)
          fail(`F9: ${call.label} of session ${call.session.id} got a token of session ${session?.id}`)
      })
    },
    signIn,
    signOut,
    setTokens() {
      const session = currentSession()
      if (!session) return
      track('setTokens', auth.setTokens(server.issue(session)), (error) => {
        observe()
        if (!ended(session)) fail(`setTokens rejected: ${String(error)}`)
      })
    },
    observe,
    checkWaits() {
      for (const { label, outcome, waitsSince, abort } of calls) {
        if (outcome || waitsSince === undefined) continue
        if (abort.signal.aborted) fail(`Q2: ${label} was aborted and still waits`)
        if (clock.monotonic() - waitsSince > refreshTimeoutMs) fail(`F2: ${label} waits too long`)
      }
    },
    checkAtRest() {
      for (const label of unsettled) fail(`F2: ${label} never settled`)
      if (auth.state.status === 'restoring') fail('S2: it is still restoring')
      for (const [epoch, session] of sessions) {
        if (epoch < auth.state.epoch && !endings.some((ending) => ending.epoch === epoch))
          fail(`S3: no signedOut of epoch ${epoch} (session ${session.id})`)
      }
      const session = currentSession()
      if (session?.signedOut) fail(`S4: session ${session.id} was signed out, and is signed in`)
    },
  }
}

function answerError(message: string, details: object): () => never {
  return () => {
    throw Object.assign(new WireError(message), details)
  }
}
