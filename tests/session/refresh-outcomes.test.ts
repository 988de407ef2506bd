import { json as readJson } from 'node:stream/consumers'
import axios from 'axios'
import ky from 'ky'
import { describe, expect, it } from 'vitest'
import { type Refresher, RefreshRejectedError, type TokenSet } from '../../src'
import type { Fault } from '../../src/testing'
import { madeStorage } from '../support/made-storage'
import { manualSession, nthCall } from '../support/manual-session'
import {
  type ClientOptions,
  outcome,
  type SessionOptions,
  startSession,
  type TestSession,
  wireTokens,
} from '../support/start-session'

const seconds = (n: number): number => n * 1000
const minute = seconds(60)
const noRetries = { refreshRetries: 0 }

/** A need that only a refresh can meet, and what came of it by `ms` later. */
async function ask({ auth, clock }: Pick<TestSession, 'auth' | 'clock'>, ms = 0) {
  const asked = outcome(auth.fetch('/unsent'))
  await clock.advance(ms)
  expect(asked.pending).toBe(false)
  return asked
}

/** A session whose token has run out, so that requests wait unsent. */
async function expired(options: SessionOptions = {}) {
  const session = await startSession(options)
  session.clock.shiftWallClock(seconds(300))
  return session
}

/** What becomes of a refused and of an unsent request when the refresh goes wrong. */
async function refusedAndUnsent(fault: Fault, client: ClientOptions = {}) {
  const session = await startSession({ client: { ...noRetries, ...client } })
  const { auth, server, clock } = session
  server.faults.token.always(fault)
  server.refuseAccessTokens()
  const gate = server.holdTokenRequests()
  const refused = outcome(auth.fetch('/refused'))
  await clock.advance(0)
  const unsent = outcome(auth.fetch('/unsent'))
  await clock.advance(0)
  gate.release()
  await clock.advance(0)
  return { ...session, refused, unsent }
}

const json = (status: number, body: unknown): Fault => ({ status, body })

describe('unavailable', () => {
  const outages: [string, Fault][] = [
    ['a connection that is reset', { reset: true }],
    ...[403, 407, 408, 425, 429, 500, 502, 503, 504, 599].map((status): [string, Fault] => [`${status}`, { status }]),
    ['an HTML page with 200', { html: true, status: 200 }],
    ['an HTML page with 400', { html: true, status: 400 }],
    ['an HTML page with 401', { html: true, status: 401 }],
    ['an HTML page with 404', { html: true, status: 404 }],
    ['temporarily_unavailable', { oauthError: 'temporarily_unavailable' }],
    ['server_error', { oauthError: 'server_error' }],
    ['a body that breaks off', { malformed: true }],
    ['an empty 200', { status: 200 }],
    ['a 200 without tokens', json(200, { message: 'welcome' })],
    ['a 200 with a list', json(200, [])],
    ['a status nobody knows', { status: 418 }],
    ['5xx, whatever its OAuth code', { oauthError: 'invalid_grant', status: 503 }],
  ]
  it.each(outages)(
    'F5: %s: nobody is signed out, refused and unsent requests are told of the outage',
    async (_, fault) => {
      const { auth, refused, unsent, said, all } = await refusedAndUnsent(fault)
      for (const { error } of [refused, unsent]) {
        expect(error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE', retryable: true })
      }
      expect(auth.state.status).toBe('signedIn')
      expect(auth.getTokens()?.refreshToken).toBeDefined()
      expect(said).not.toContain('signedOut')
      expect(said).not.toContain('unauthenticated')
      expect(all('refreshFailed')).toHaveLength(1)
    },
  )

  it('F5: a known OAuth code counts before the look of the page and before the status', async () => {
    const asHtml: Fault = { oauthError: 'invalid_grant', headers: { 'content-type': 'text/html' } }
    expect((await refusedAndUnsent(asHtml)).auth.state.status).toBe('signedOut')
    const known: Fault = { oauthError: 'temporarily_unavailable', status: 401 }
    expect((await refusedAndUnsent(known)).auth.state.status).toBe('signedIn')
  })

  it('F5: is retried with full-jitter exponential pauses, refreshRetries times', async () => {
    for (const [random, pauses] of [
      [0, [0, 0]],
      [0.5, [125, 250]],
      [0.99, [247.5, 495]],
    ] as const) {
      const at: number[] = []
      const { server, clock, auth } = await expired({ client: { random: () => random } })
      server.onExchange((exchange) => exchange.route === 'token' && at.push(clock.monotonic()))
      server.faults.token.next({ status: 503 }, { status: 500 })
      const request = outcome(auth.fetch('/things'))
      await clock.advance(seconds(1))
      expect(request.value?.status).toBe(200)
      expect(at).toEqual([0, pauses[0], pauses[0] + pauses[1]])
    }
  })

  it.each([0, 1, 2, 4])('F5: with refreshRetries %d, so often and no more', async (refreshRetries) => {
    const session = await expired({ client: { refreshRetries } })
    session.server.faults.token.always({ status: 503 })
    expect((await ask(session, seconds(10))).error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(session.server.counts.tokenRequests).toBe(1 + refreshRetries)
    expect(session.all('refreshFailed')).toEqual([expect.objectContaining({ attempts: 1 + refreshRetries })])
  })

  it('F5: is not retried when the pause would outlast the deadline', async () => {
    const session = await expired({ client: { refreshTimeoutMs: 300, random: () => 0.99, refreshRetries: 5 } })
    session.server.faults.token.always({ status: 503 })
    await ask(session, 300)
    expect(session.server.counts.tokenRequests).toBe(2)
  })

  it.each([
    ['seconds', 3],
    ['a date', new Date(Date.UTC(2026, 0, 1, 0, 5, 3)).toUTCString()],
  ])('F5: Retry-After in %s is honoured between attempts', async (_, retryAfter) => {
    const session = await expired()
    const { server, clock, auth } = session
    server.faults.token.next({ status: 429, retryAfter })
    const request = outcome(auth.fetch('/things'))
    await clock.advance(seconds(2.999))
    expect(server.counts.tokenRequests).toBe(1)
    await clock.advance(1)
    expect(server.counts.tokenRequests).toBe(2)
    expect(request.value?.status).toBe(200)
  })

  it('F5: a Retry-After beyond the deadline ends the flight at once, and is told', async () => {
    const session = await expired()
    session.server.faults.token.next({ status: 503, retryAfter: 30 })
    expect((await ask(session)).error).toMatchObject({ retryAfterMs: seconds(30), status: 503 })
    expect(session.server.counts.tokenRequests).toBe(1)
  })

  it('F5: where the answer was lost, the same refresh token is used at most once more in this flight', async () => {
    for (const faults of [
      [{ reset: true }, { reset: true }],
      [{ reset: true }, { status: 503 }],
    ] satisfies Fault[][]) {
      const session = await expired({ client: { refreshRetries: 9 } })
      session.server.faults.token.next(...faults)
      expect((await ask(session, seconds(10))).error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
      expect(session.server.counts.tokenRequests).toBe(2)
    }
  })

  it.each([undefined, null])(
    'F5: where the refresher returns %s it is lost too, and the error names the option',
    async (nothing) => {
      let asked = 0
      const refresh = async () => {
        asked += 1
        return nothing as never
      }
      const session = await expired({ client: { refreshRetries: 9, refresh } })
      expect((await ask(session, seconds(10))).error).toMatchObject({
        code: 'AUTH_REFRESH_UNAVAILABLE',
        message: expect.stringContaining('option refresh'),
      })
      expect(asked).toBe(2)
    },
  )

  it('F5: where the answer was lost after attempts that were answered, once more is still allowed', async () => {
    const session = await expired({ client: { refreshRetries: 9 } })
    session.server.faults.token.next({ status: 503 }, { reset: true })
    expect((await ask(session, seconds(10))).value?.status).toBe(200)
    expect(session.server.counts.tokenRequests).toBe(3)
  })

  it('F5: where the answer was lost, storage is read first, and what others got is used', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    session.clock.shiftWallClock(seconds(300))
    const request = outcome(session.auth.fetch('/things'))
    const call = await nthCall(session, 1)
    storage.calls.length = 0
    storage.stored = {
      ...(storage.stored as TokenSet),
      accessToken: 'access-x',
      refreshToken: 'x',
      expiresAt: Infinity,
    }
    call.fail(new TypeError('fetch failed'))
    await session.clock.advance(seconds(1))
    expect(storage.calls).toEqual(['read'])
    expect(request.value?.status).toBe(200)
    expect(session.sent).toEqual(['access-x'])
    expect(session.calls).toHaveLength(1)
    expect(session.all('refreshed')).toEqual([expect.objectContaining({ source: 'storage' })])
  })

  it('F5: where the answer was lost and storage cannot be read, the refresh token is not used again', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    session.clock.shiftWallClock(seconds(300))
    const request = outcome(session.auth.fetch('/things'))
    const call = await nthCall(session, 1)
    storage.fail('read')
    call.fail(new TypeError('fetch failed'))
    await session.clock.advance(seconds(1))
    expect(session.calls).toHaveLength(1)
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
  })

  it('F5: the first failed flight sets no cooldown; then needs reject at once, for longer each time up to 60 s', async () => {
    const session = await expired({ client: noRetries })
    const { server, clock } = session
    server.faults.token.always({ status: 503 })
    await ask(session)
    await ask(session)
    expect(server.counts.tokenRequests).toBe(2)
    for (const cooldown of [5, 10, 20, 40, 60, 60]) {
      const before = server.counts.tokenRequests
      expect((await ask(session)).error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE', retryable: true })
      await clock.advance(seconds(cooldown) - 1)
      await ask(session)
      await expect(session.auth.getAccessToken({ forceRefresh: true })).rejects.toMatchObject({ retryable: true })
      expect(server.counts.tokenRequests).toBe(before)
      await clock.advance(1)
      await ask(session)
      expect(server.counts.tokenRequests).toBe(before + 1)
    }
    expect(session.auth.state.status).toBe('signedIn')
  })

  it('F5: refused requests too are rejected during the cooldown, without a refresh', async () => {
    const session = await startSession({ client: noRetries })
    const { auth, server, clock } = session
    server.faults.token.always({ status: 503 })
    server.refuseAccessTokens()
    for (let flight = 0; flight < 2; flight += 1) {
      const request = outcome(auth.fetch('/things'))
      await clock.advance(0)
      expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    }
    await expect(auth.fetch('/things')).rejects.toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(server.counts.tokenRequests).toBe(2)
  })

  it('F5: refreshCooldownMs is the first cooldown', async () => {
    const session = await expired({ client: { ...noRetries, refreshCooldownMs: 1_000 } })
    session.server.faults.token.always({ status: 503 })
    await ask(session)
    await ask(session)
    await session.clock.advance(999)
    await ask(session)
    expect(session.server.counts.tokenRequests).toBe(2)
    await session.clock.advance(1)
    await ask(session)
    expect(session.server.counts.tokenRequests).toBe(3)
  })

  it.each([
    ['it says', 30, 30],
    ['five minutes, where it says more', 3600, 300],
  ])('F5: with Retry-After the cooldown lasts as long as %s', async (_, retryAfter, lasts) => {
    const session = await expired({ client: noRetries })
    const { server, clock } = session
    server.faults.token.always({ status: 503, retryAfter })
    await ask(session)
    await ask(session)
    await clock.advance(seconds(lasts) - 1)
    await ask(session)
    expect(server.counts.tokenRequests).toBe(2)
    await clock.advance(1)
    await ask(session)
    expect(server.counts.tokenRequests).toBe(3)
  })

  it('F5: a refresh that works ends the row', async () => {
    const session = await expired({ client: noRetries })
    const { server, clock } = session
    for (let outage = 0; outage < 3; outage += 1) {
      server.faults.token.next({ status: 503 })
      expect((await ask(session)).error).toBeDefined()
      expect((await ask(session)).value?.status).toBe(200)
      clock.shiftWallClock(seconds(300))
    }
    expect(server.counts.tokenRequests).toBe(6)
  })

  it('F5: tokens found in the storage end the row too', async () => {
    const storage = madeStorage()
    const session = await expired({ client: { ...noRetries, storage } })
    const { server, auth } = session
    server.faults.token.always({ status: 503 })
    await ask(session)
    const { access_token, refresh_token } = server.signIn()
    storage.stored = { accessToken: access_token, refreshToken: refresh_token, sessionId: auth.getTokens()?.sessionId }
    expect((await ask(session)).value?.status).toBe(200)
    session.server.expireAccessTokens()
    await session.clock.advance(minute)
    for (let flight = 0; flight < 2; flight += 1) await ask(session)
    expect(server.counts.tokenRequests).toBe(3)
  })

  it('F5: a new sign-in is not held back by the outage of the session before', async () => {
    const session = await expired({ client: noRetries })
    const { auth, server } = session
    server.faults.token.always({ status: 503 })
    for (let flight = 0; flight < 3; flight += 1) await ask(session)
    expect(server.counts.tokenRequests).toBe(2)
    server.faults.token.clear()
    await auth.signIn({ ...server.signIn(), expires_in: 0 })
    expect((await ask(session)).value?.status).toBe(200)
  })
})

describe('rejected', () => {
  const ends: [string, Fault][] = [
    ['invalid_grant', { oauthError: 'invalid_grant' }],
    ['invalid_grant, whatever its status', { oauthError: 'invalid_grant', status: 403 }],
    ['400 without a code', { status: 400 }],
    ['401 without a code', { status: 401 }],
    ['400 with JSON of its own', json(400, { message: 'token revoked' })],
    ['401 with a code nobody knows', { oauthError: 'session_gone', status: 401 }],
  ]
  it.each(ends)(
    'F6: %s ends the session: tokens cleared, events, waiters get their own 401 or are told',
    async (_, fault) => {
      const storage = madeStorage()
      const { auth, refused, unsent, said, all } = await refusedAndUnsent(fault, { storage })
      expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
      expect(auth.getTokens()).toBeUndefined()
      expect(storage.stored).toBeUndefined()
      expect(refused.value?.status).toBe(401)
      expect(unsent.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
      expect(all('signedOut')).toEqual([expect.objectContaining({ reason: 'refreshRejected' })])
      expect(all('unauthenticated')).toEqual([
        expect.objectContaining({
          reason: 'refreshRejected',
          error: expect.objectContaining({ code: 'AUTH_REFRESH_REJECTED', retryable: false }),
        }),
      ])
      expect(said.indexOf('signedOut')).toBeLessThan(said.indexOf('unauthenticated'))
    },
  )

  it('F6: the refresher says so with RefreshRejectedError', async () => {
    const session = await expired({
      client: {
        refresh: () => {
          throw new RefreshRejectedError('The session was closed by an administrator.')
        },
      },
    })
    expect((await ask(session)).error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(session.auth.state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
  })

  it('F6: a 403 is unavailable, and its error says which option to set if it means the end', async () => {
    const session = await expired({ client: noRetries })
    session.server.faults.token.always({ status: 403 })
    expect((await ask(session)).error).toMatchObject({
      code: 'AUTH_REFRESH_UNAVAILABLE',
      message: expect.stringContaining('rejectedStatuses'),
    })
    const told = await expired({ client: { rejectedStatuses: [403] } })
    told.server.faults.token.always({ status: 403 })
    await ask(told)
    expect(told.auth.state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
  })

  it('F6: rejectedStatuses replaces the default', async () => {
    const session = await expired({ client: { ...noRetries, rejectedStatuses: [403] } })
    session.server.faults.token.always({ status: 401 })
    await ask(session)
    expect(session.auth.state.status).toBe('signedIn')
  })

  it.each([
    [400, 'signedIn'],
    [401, 'signedOut'],
  ])('F6: where the refresh works by cookie only a 401 rejects: %d', async (status, expected) => {
    const session = await expired({ client: { ...noRetries, refreshWithoutToken: true } })
    session.server.faults.token.always({ status })
    await ask(session)
    expect(session.auth.state.status).toBe(expected)
  })

  /** A session whose refresh is under way, over a storage that somebody else changes meanwhile. */
  async function rejecting(lacks: ('lock' | 'replace')[] = []) {
    const storage = madeStorage({ lacks })
    const session = await manualSession({ storage })
    session.clock.shiftWallClock(seconds(300))
    const request = outcome(session.auth.fetch('/things'))
    const call = await nthCall(session, 1)
    return { ...session, storage, request, reject: () => call.fail(new RefreshRejectedError('over')) }
  }

  it.each([[[]], [['lock' as const]]])(
    'F6: another refresh token in the storage is tried (lacks %j)',
    async (lacks) => {
      const session = await rejecting(lacks)
      const { storage, request, reject, auth } = session
      storage.stored = { ...(storage.stored as TokenSet), accessToken: 'access-2', refreshToken: 'refresh-2' }
      reject()
      const second = await nthCall(session, 2)
      expect(second.context.refreshToken).toBe('refresh-2')
      second.answer(wireTokens(3))
      await session.clock.advance(0)
      expect(request.value?.status).toBe(200)
      expect(auth.state.status).toBe('signedIn')
      expect(storage.stored).toMatchObject({ accessToken: 'access-3' })
    },
  )

  it('F6: that one rejected too ends the session', async () => {
    const session = await rejecting()
    const { storage, request, reject, auth } = session
    storage.stored = { ...(storage.stored as TokenSet), accessToken: 'access-2', refreshToken: 'refresh-2' }
    reject()
    ;(await nthCall(session, 2)).fail(new RefreshRejectedError('over'))
    await session.clock.advance(0)
    expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
    expect(request.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(storage.stored).toBeUndefined()
    expect(session.calls).toHaveLength(2)
  })

  it('F6: the refused refresh token beside a newer access token is not tried again', async () => {
    const session = await rejecting()
    const { storage, reject, auth } = session
    storage.stored = { ...(storage.stored as TokenSet), accessToken: 'access-2' }
    reject()
    await session.clock.advance(0)
    expect(session.calls).toHaveLength(1)
    expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
  })

  it('F6: a cleared storage is a sign-out elsewhere', async () => {
    const { storage, request, reject, auth, clock, all } = await rejecting()
    storage.stored = undefined
    reject()
    await clock.advance(0)
    expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'signedOutElsewhere' })
    expect(all('signedOut')).toEqual([expect.objectContaining({ reason: 'signedOutElsewhere' })])
    expect(request.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
  })

  it.each([[[]], [['lock' as const]]])(
    'F6: where that read fails it is unavailable, and nobody is signed out (lacks %j)',
    async (lacks) => {
      const { storage, request, reject, auth, clock, said } = await rejecting(lacks)
      storage.fail('read')
      reject()
      await clock.advance(0)
      expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE', retryable: true })
      expect(auth.state.status).toBe('signedIn')
      expect(said).not.toContain('signedOut')
      expect(storage.stored).toMatchObject({ accessToken: 'access-1' })
    },
  )

  it('F6: what others have stored meanwhile is not cleared with the session', async () => {
    const { storage, reject, auth, clock } = await rejecting()
    const theirs = { accessToken: 'access-7', refreshToken: 'refresh-7', sessionId: 'theirs' }
    const held = storage.hold('replace')
    reject()
    await clock.advance(0)
    expect(held.waiting).toBe(1)
    storage.stored = theirs
    held.release()
    await clock.advance(0)
    expect(storage.stored).toEqual(theirs)
    expect(auth.state.status).toBe('signedOut')
  })
})

describe('misconfigured', () => {
  const faults: [string, Fault][] = [
    ...['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope', 'invalid_request'].map(
      (oauthError): [string, Fault] => [oauthError, { oauthError }],
    ),
    ['404', { status: 404 }],
    ['405', { status: 405 }],
  ]
  it.each(faults)(
    'F7: %s: nobody is signed out; the refused get their own 401, the unsent this error',
    async (_, fault) => {
      const { auth, refused, unsent, said, all } = await refusedAndUnsent(fault)
      expect(refused.value?.status).toBe(401)
      expect(unsent.error).toMatchObject({ code: 'AUTH_REFRESH_MISCONFIGURED', retryable: false })
      expect(auth.state.status).toBe('signedIn')
      expect(said).not.toContain('signedOut')
      expect(all('refreshFailed')).toHaveLength(1)
    },
  )

  it('F7: says what to correct', async () => {
    const messages: string[] = []
    for (const [, fault] of faults) {
      const { unsent } = await refusedAndUnsent(fault)
      messages.push(String((unsent.error as Error).message))
    }
    expect(messages).toEqual([
      expect.stringMatching(/client/),
      expect.stringMatching(/grant refresh_token/),
      expect.stringMatching(/grant_type/),
      expect.stringMatching(/scope/),
      expect.stringMatching(/parameter/),
      expect.stringMatching(/URL/),
      expect.stringMatching(/method/),
    ])
  })

  it('F7: is not retried, and not asked again for five minutes', async () => {
    const session = await expired()
    const { server, clock } = session
    server.faults.token.always({ oauthError: 'invalid_client' })
    await ask(session)
    expect(server.counts.tokenRequests).toBe(1)
    await clock.advance(5 * minute - 1)
    expect((await ask(session)).error).toMatchObject({ code: 'AUTH_REFRESH_MISCONFIGURED' })
    expect(server.counts.tokenRequests).toBe(1)
    await clock.advance(1)
    await ask(session)
    expect(server.counts.tokenRequests).toBe(2)
  })

  it('F7: a refused request gets its own 401 during those minutes', async () => {
    const { auth, server } = await refusedAndUnsent({ status: 404 })
    const before = server.counts.tokenRequests
    expect((await auth.fetch('/things')).status).toBe(401)
    expect(server.counts.tokenRequests).toBe(before)
  })

  it('F7: forceRefresh asks at once, and its success serves everybody', async () => {
    const session = await expired()
    const { auth, server } = session
    server.faults.token.next({ oauthError: 'invalid_client' })
    await ask(session)
    await auth.getAccessToken({ forceRefresh: true })
    session.clock.shiftWallClock(seconds(300))
    expect((await ask(session)).value?.status).toBe(200)
    expect(server.counts.refreshes).toBe(2)
  })

  it('F7: signIn asks again', async () => {
    const session = await expired()
    session.server.faults.token.next({ oauthError: 'invalid_client' })
    await ask(session)
    await session.auth.signIn({ ...session.server.signIn(), expires_in: 0 })
    expect((await ask(session)).value?.status).toBe(200)
  })
})

describe('interaction required', () => {
  const codes = ['interaction_required', 'login_required', 'consent_required']

  it.each(codes)(
    'F8: %s: the session stays, an event says so; the refused get their 401, the unsent this error',
    async (oauthError) => {
      const { auth, refused, unsent, said, all } = await refusedAndUnsent({ oauthError })
      expect(refused.value?.status).toBe(401)
      expect(unsent.error).toMatchObject({ code: 'AUTH_INTERACTION_REQUIRED', retryable: false, oauthError })
      expect(auth.state.status).toBe('signedIn')
      expect(said).not.toContain('signedOut')
      expect(all('interactionRequired')).toEqual([
        expect.objectContaining({ error: expect.objectContaining({ code: 'AUTH_INTERACTION_REQUIRED' }) }),
      ])
    },
  )

  it('F8: is not asked again, not even a day later', async () => {
    const session = await expired()
    session.server.faults.token.always({ oauthError: 'login_required' })
    await ask(session)
    await session.clock.advance(24 * 60 * minute)
    expect((await ask(session)).error).toMatchObject({ code: 'AUTH_INTERACTION_REQUIRED' })
    expect(session.server.counts.tokenRequests).toBe(1)
  })

  it('F8: until forceRefresh', async () => {
    const session = await expired()
    session.server.faults.token.next({ oauthError: 'login_required' })
    await ask(session)
    await session.auth.getAccessToken({ forceRefresh: true })
    expect((await ask(session)).value?.status).toBe(200)
  })

  it('F8: or until signIn', async () => {
    const session = await expired()
    session.server.faults.token.next({ oauthError: 'login_required' })
    await ask(session)
    await session.auth.signIn({ ...session.server.signIn(), expires_in: 0 })
    expect((await ask(session)).value?.status).toBe(200)
  })
})

describe('what a refresher gives', () => {
  const foreignResponse = {
    status: 200,
    headers: { get: (name: string) => (name === 'content-type' ? 'application/json' : null) },
    text: async () => JSON.stringify({ access_token: 'next', expires_in: 60 }),
  }
  const gifts: [string, () => unknown][] = [
    ['a token set', () => ({ accessToken: 'next', expiresAt: Date.UTC(2026, 0, 1, 0, 6) })],
    ['camelCase with expiresIn', () => ({ accessToken: 'next', expiresIn: 60 })],
    ["the token endpoint's JSON", () => ({ access_token: 'next', expires_in: 60 })],
    ['its Response', () => Response.json({ access_token: 'next', expires_in: 60 })],
    ["another implementation's Response", () => foreignResponse],
  ]
  it.each(gifts)('F11: %s, at once or later', async (_, gift) => {
    for (const refresh of [gift, async () => gift()] as unknown as Refresher[]) {
      const session = await expired({ client: { refresh } })
      expect(await session.auth.getAccessToken()).toBe('next')
      expect(session.auth.getTokens()?.expiresAt).toBe(session.clock.now() + seconds(60))
    }
  })

  const status = (code: number, body?: unknown) => () =>
    new Response(body === undefined ? null : JSON.stringify(body), { status: code })
  const thrown = (error: unknown) => () => {
    throw error
  }
  const outcomes: [string, () => unknown, string][] = [
    ['a Response with 401', status(401), 'signedOut'],
    ['a Response with 503', status(503), 'AUTH_REFRESH_UNAVAILABLE'],
    ['a Response with invalid_scope', status(400, { error: 'invalid_scope' }), 'AUTH_REFRESH_MISCONFIGURED'],
    ['JSON with an OAuth error', () => ({ error: 'invalid_grant' }), 'signedOut'],
    ['nothing', () => undefined, 'AUTH_REFRESH_UNAVAILABLE'],
    ['a thrown Response', thrown(new Response(null, { status: 401 })), 'signedOut'],
    [
      'a thrown Response with a code',
      () => {
        throw Response.json({ error: 'login_required' }, { status: 400 })
      },
      'AUTH_INTERACTION_REQUIRED',
    ],
    ['an error with status 401', thrown(Object.assign(new Error(), { status: 401 })), 'signedOut'],
    ['an error with status 503', thrown(Object.assign(new Error(), { status: 503 })), 'AUTH_REFRESH_UNAVAILABLE'],
    [
      'an error with response.status 401',
      thrown(Object.assign(new Error(), { response: { status: 401 } })),
      'signedOut',
    ],
    [
      'an error with error (Auth0)',
      thrown(Object.assign(new Error(), { error: 'login_required' })),
      'AUTH_INTERACTION_REQUIRED',
    ],
    [
      'an error with errorCode (MSAL)',
      thrown(Object.assign(new Error(), { errorCode: 'interaction_required' })),
      'AUTH_INTERACTION_REQUIRED',
    ],
    ['an error with code', thrown(Object.assign(new Error(), { code: 'invalid_grant' })), 'signedOut'],
    [
      'an error with a code nobody knows',
      thrown(Object.assign(new Error(), { code: 'ECONNREFUSED' })),
      'AUTH_REFRESH_UNAVAILABLE',
    ],
    ['an error without anything', thrown(new Error('no')), 'AUTH_REFRESH_UNAVAILABLE'],
    ['no error at all', thrown(undefined), 'AUTH_REFRESH_UNAVAILABLE'],
  ]
  it.each(outcomes)('F11: %s is judged', async (_, refresh, expected) => {
    for (const refresher of [refresh, async () => refresh()] as unknown as Refresher[]) {
      const session = await expired({ client: { ...noRetries, refresh: refresher } })
      const { error } = await ask(session)
      if (expected === 'signedOut')
        expect(session.auth.state).toMatchObject({ status: expected, reason: 'refreshRejected' })
      else {
        expect(error).toMatchObject({ code: expected })
        expect(session.auth.state.status).toBe('signedIn')
      }
    }
  })

  const clients: [string, (url: string, body: URLSearchParams) => Promise<unknown>][] = [
    ['axios', async (url, body) => (await axios.post(url, body)).data],
    [
      'axios for a stream of Node.js',
      async (url, body) => readJson((await axios.post(url, body, { responseType: 'stream' })).data),
    ],
    ...(['stream', 'blob'] as const).map((responseType): (typeof clients)[number] => [
      `axios for a ${responseType}`,
      async (url, body) => new Response((await axios.post(url, body, { adapter: 'fetch', responseType })).data).json(),
    ]),
    ['ky', (url, body) => ky.post(url, { body, retry: 0 }).json()],
  ]
  const answers: [Fault, string][] = [
    [{ oauthError: 'invalid_grant' }, 'AUTH_UNAUTHENTICATED'],
    [{ status: 401 }, 'AUTH_UNAUTHENTICATED'],
    [{ oauthError: 'invalid_client' }, 'AUTH_REFRESH_MISCONFIGURED'],
    [{ oauthError: 'login_required' }, 'AUTH_INTERACTION_REQUIRED'],
    [{ status: 503 }, 'AUTH_REFRESH_UNAVAILABLE'],
    [{ status: 401, body: '<html>', headers: { 'content-type': 'text/html' } }, 'AUTH_REFRESH_UNAVAILABLE'],
    [{ reset: true }, 'AUTH_REFRESH_UNAVAILABLE'],
  ]
  const spoken = clients.flatMap(([name, post]) => answers.map(([fault, code]) => [name, fault, code, post] as const))
  it.each(spoken)('F11: what %s throws for %j is %s: a body not yet read is read', async (_, fault, code, post) => {
    let url = ''
    const session = await expired({
      sockets: true,
      client: {
        ...noRetries,
        refresh: ({ refreshToken }) =>
          post(url, new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken })) as never,
      },
    })
    url = `${session.baseUrl}/token`
    session.server.faults.token.next(fault)
    await expect(session.auth.fetch('/things')).rejects.toMatchObject({ code })
    session.server.faults.token.clear()
    if (code === 'AUTH_REFRESH_UNAVAILABLE') expect((await session.auth.fetch('/things')).status).toBe(200)
  })

  it('F11: a refresher may throw one of our own errors', async () => {
    const inner = await expired({ client: noRetries })
    inner.server.faults.token.always({ status: 404 })
    const { error } = await ask(inner)
    const session = await expired({ client: { ...noRetries, refresh: () => Promise.reject(error) } })
    expect((await ask(session)).error).toMatchObject({ code: 'AUTH_REFRESH_MISCONFIGURED' })
  })
})

describe('the report of a flight', () => {
  it.each([
    ['refreshed', undefined],
    ['refreshFailed', { status: 503 }],
    ['refreshFailed', { oauthError: 'invalid_grant' }],
  ] as const)('F4, F5, F6: %s after %j says who waited, how long and how often was asked', async (name, fault) => {
    const session = await expired({ client: noRetries })
    const { auth, server, clock } = session
    if (fault) server.faults.token.always(fault)
    const gate = server.holdTokenRequests()
    const requests = [auth.fetch('/a'), auth.fetch('/b'), auth.getAccessToken()].map((any) => outcome<unknown>(any))
    await clock.advance(seconds(2))
    gate.release()
    await clock.advance(0)
    expect(requests.map(({ pending }) => pending)).toEqual([false, false, false])
    expect(session.all('refreshStarted')).toEqual([
      expect.objectContaining({ flightId: 1, trigger: 'expired', tokenAgeMs: seconds(300) }),
    ])
    expect(session.all(name)).toEqual([
      expect.objectContaining({ flightId: 1, durationMs: seconds(2), attempts: 1, waiters: 3 }),
    ])
  })
})
