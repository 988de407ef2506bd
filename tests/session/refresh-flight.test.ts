import { describe, expect, it } from 'vitest'
import { memoryStorage, type RevokeContext, type TokenSet } from '../../src'
import { madeStorage } from '../support/made-storage'
import { manualSession, nthCall } from '../support/manual-session'
import { outcome, startSession, wireTokens } from '../support/start-session'

const seconds = (n: number): number => n * 1000

/** What the storage holds once `wireTokens(n)` came of an exchange. */
const stored = (n: number) => expect.objectContaining({ accessToken: `access-${n}`, refreshToken: `refresh-${n}` })

describe('one flight', () => {
  it('F1: requests that need a refresh together make one', async () => {
    const { auth, server } = await startSession({ sockets: true })
    server.refuseAccessTokens()
    const responses = await Promise.all(Array.from({ length: 100 }, (_, n) => auth.fetch(`/${n}`)))
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]))
    expect(server.counts).toMatchObject({ tokenRequests: 1, reused: 0 })
  })

  it('F1: clients that share a storage make one between them', async () => {
    const storage = memoryStorage()
    const { auth, server, client } = await startSession({ sockets: true, client: { storage } })
    const others = [client({ storage }), client({ storage })].map((other) => other.auth)
    await Promise.all(others.map((other) => other.ready()))
    server.refuseAccessTokens()
    const responses = await Promise.all([auth, ...others, auth, ...others].map((any) => any.fetch('/things')))
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]))
    expect(server.counts).toMatchObject({ tokenRequests: 1, reused: 0 })
  })

  it('F1: clients that share a storage never refresh beside each other', async () => {
    const storage = memoryStorage()
    const session = await manualSession({ storage })
    const other = session.client({ storage })
    const both = [
      session.auth.getAccessToken({ forceRefresh: true }),
      other.auth.getAccessToken({ forceRefresh: true }),
    ]
    const first = await nthCall(session, 1)
    await session.clock.advance(seconds(5))
    expect(session.calls).toHaveLength(1)
    first.answer(wireTokens(2))
    expect(await Promise.all(both)).toEqual(['access-2', 'access-2'])
    expect(session.calls).toHaveLength(1)
  })

  it('R3: tokens that the app set while it was under way, once refused, are refreshed after it', async () => {
    const session = await manualSession()
    const { auth, refused, clock } = session
    refused.add('access-1').add('access-5')
    const before = outcome(auth.fetch('/a'))
    const first = await nthCall(session, 1)
    await auth.setTokens(wireTokens(5))
    const after = outcome(auth.fetch('/b'))
    await clock.advance(0)
    first.answer(wireTokens(2))
    const second = await nthCall(session, 2)
    expect(second.context.refreshToken).toBe('refresh-5')
    second.answer(wireTokens(6))
    await clock.advance(0)
    expect([before.value?.status, after.value?.status]).toEqual([200, 200])
    expect(session.calls).toHaveLength(2)
  })

  it('F1: without a lock there is still one in a client', async () => {
    const storage = madeStorage({ lacks: ['lock', 'replace', 'subscribe'] })
    const session = await manualSession({ storage })
    session.clock.shiftWallClock(seconds(300))
    const requests = [
      session.auth.fetch('/a'),
      session.auth.getAccessToken({ forceRefresh: true }),
      session.auth.fetch('/b'),
    ]
    const first = await nthCall(session, 1)
    first.answer(wireTokens(2))
    await Promise.all(requests)
    expect(session.calls).toHaveLength(1)
  })

  it('F1, F10: a flight for other claims comes after it, never beside it', async () => {
    const session = await manualSession()
    session.refused.add('access-1')
    session.challenge = 'Bearer error="insufficient_claims", claims="YQ=="'
    const first = outcome(session.auth.fetch('/a'))
    await nthCall(session, 1)
    session.challenge = 'Bearer error="insufficient_claims", claims="Yg=="'
    // sent before the flight began, refused after it
    const sentWithOld = session.auth.reauthorize(
      { headers: [], epoch: 1, need: {}, accessToken: 'access-1', resend: false },
      { url: 'https://server.example/b', method: 'GET', header: () => null, resendable: true },
      {
        status: 401,
        header: (name) => (name === 'www-authenticate' ? session.challenge : null),
        text: async () => undefined,
      },
    )
    const second = outcome(Promise.resolve(sentWithOld))
    await session.clock.advance(seconds(1))
    expect(session.calls.map(({ context }) => context.claims)).toEqual(['YQ=='])
    session.calls[0]?.answer(wireTokens(2))
    await session.clock.advance(0)
    expect(first.value?.status).toBe(200)
    expect(second.pending).toBe(true)
    expect(session.calls.map(({ context }) => context.claims)).toEqual(['YQ==', 'Yg=='])
    session.calls[1]?.answer(wireTokens(3))
    await session.clock.advance(0)
    expect(second.value?.headers).toEqual([['authorization', 'Bearer access-3']])
  })
})

describe('claims', () => {
  const wanted = 'Bearer error="insufficient_claims", claims="YQ=="'

  it('F10: a caller that needs them waits for the flight without them, and never gets its token', async () => {
    const session = await manualSession()
    session.clock.shiftWallClock(seconds(250))
    await session.auth.fetch('/background')
    const background = await nthCall(session, 1)
    expect(background.context.claims).toBeUndefined()
    session.refused.add('access-1')
    session.challenge = wanted
    const request = outcome(session.auth.fetch('/things'))
    await session.clock.advance(0)
    session.refused.clear()
    background.answer(wireTokens(2))
    const forClaims = await nthCall(session, 2)
    expect(forClaims.context).toMatchObject({ claims: 'YQ==', trigger: 'refused', refreshToken: 'refresh-2' })
    forClaims.answer(wireTokens(3))
    await session.clock.advance(0)
    expect(request.value?.status).toBe(200)
    expect(session.sent).toEqual(['access-1', 'access-1', 'access-3'])
  })

  it('F10: a caller that needs none takes part in a flight with claims', async () => {
    const session = await manualSession()
    session.refused.add('access-1')
    session.challenge = wanted
    const needing = outcome(session.auth.fetch('/a'))
    const call = await nthCall(session, 1)
    const other = outcome(session.auth.fetch('/b'))
    const token = outcome(session.auth.getAccessToken())
    await session.clock.advance(0)
    call.answer(wireTokens(2))
    await session.clock.advance(0)
    expect([needing.value?.status, other.value?.status, token.value]).toEqual([200, 200, 'access-2'])
    expect(session.calls).toHaveLength(1)
  })

  it('F10: tokens that others have stored meanwhile were not asked for with them', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    session.refused.add('access-1')
    session.challenge = wanted
    const request = outcome(session.auth.fetch('/things'))
    storage.stored = { ...(storage.stored as TokenSet), accessToken: 'access-x', refreshToken: 'refresh-x' }
    const call = await nthCall(session, 1)
    expect(call.context).toMatchObject({ claims: 'YQ==', refreshToken: 'refresh-x' })
    call.answer(wireTokens(2))
    await session.clock.advance(0)
    expect(request.value?.status).toBe(200)
    expect(session.sent).toEqual(['access-1', 'access-2'])
  })
})

describe('the deadline', () => {
  it.each([
    [
      'an unsent request',
      (session: Awaited<ReturnType<typeof manualSession>>) => session.clock.shiftWallClock(seconds(300)),
    ],
    ['a refused request', (session: Awaited<ReturnType<typeof manualSession>>) => session.refused.add('access-1')],
  ])('F2: %s waits at most refreshTimeoutMs', async (_, spoil) => {
    for (const refreshTimeoutMs of [10_000, 2_500]) {
      const session = await manualSession(refreshTimeoutMs === 10_000 ? {} : { refreshTimeoutMs })
      spoil(session)
      const request = outcome(session.auth.fetch('/things'))
      await session.clock.advance(refreshTimeoutMs - 1)
      expect(request.pending).toBe(true)
      await session.clock.advance(1)
      expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE', retryable: true })
    }
  })

  it('F2: the time of a request counts from when it came, also while the flight waits for its lock', async () => {
    const session = await manualSession({ storage: madeStorage({ lock: () => new Promise(() => {}) }) })
    session.clock.shiftWallClock(seconds(300))
    const first = outcome(session.auth.fetch('/a'))
    await session.clock.advance(seconds(4))
    const second = outcome(session.auth.fetch('/b'))
    await session.clock.advance(seconds(6))
    expect([first.pending, second.pending]).toEqual([false, true])
    await session.clock.advance(seconds(4))
    expect(second.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
  })

  it('F2: the exchange is bounded by it: then its signal aborts', async () => {
    const session = await manualSession()
    const token = outcome(session.auth.getAccessToken({ forceRefresh: true }))
    const { context } = await nthCall(session, 1)
    await session.clock.advance(seconds(9.999))
    expect(context.signal.aborted).toBe(false)
    await session.clock.advance(1)
    expect(context.signal.aborted).toBe(true)
    expect(token.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
  })

  it('F2: who learns that the time is up finds the signal aborted and the failure said', async () => {
    const session = await manualSession()
    session.clock.shiftWallClock(seconds(300))
    const found: unknown[] = []
    const told = session.auth
      .fetch('/a')
      .catch(() => found.push(session.calls[0]?.context.signal.aborted, session.said.at(-1)))
    await session.clock.advance(seconds(10))
    await told
    expect(found).toEqual([true, 'refreshFailed'])
  })

  it('F2: tokens that arrive later all the same are adopted, stored and announced', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    session.clock.shiftWallClock(seconds(300))
    const request = outcome(session.auth.fetch('/late'))
    await session.clock.advance(seconds(10))
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    await session.clock.advance(seconds(5))
    session.calls[0]?.answer(wireTokens(2))
    await session.clock.advance(0)
    expect(session.auth.getTokens()).toEqual(stored(2))
    expect(storage.stored).toEqual(stored(2))
    expect(session.all('refreshed')).toEqual([expect.objectContaining({ source: 'exchange', durationMs: seconds(15) })])
    expect((await session.auth.fetch('/next')).status).toBe(200)
    expect(session.calls).toHaveLength(1)
    expect(session.sent).toEqual(['access-2'])
  })

  it('F2, F12: a refresh token that arrives later is kept, whatever else is wrong with the answer', async () => {
    const session = await manualSession()
    session.clock.shiftWallClock(seconds(300))
    const request = outcome(session.auth.fetch('/late'))
    await session.clock.advance(seconds(10))
    expect(request.pending).toBe(false)
    session.calls[0]?.answer({ access_token: '', refresh_token: 'refresh-2' })
    await session.clock.advance(0)
    expect(session.auth.getTokens()).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-2' })
  })

  it('F2: tokens that arrive later end the outage: what needs one does not wait for the cooldown', async () => {
    const session = await manualSession()
    session.clock.shiftWallClock(seconds(300))
    for (let flight = 0; flight < 2; flight += 1) {
      const request = outcome(session.auth.fetch('/late'))
      await session.clock.advance(seconds(10))
      expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    }
    session.calls[1]?.answer(wireTokens(2, 12))
    await session.clock.advance(seconds(1))
    const next = outcome(session.auth.fetch('/next'))
    ;(await nthCall(session, 3)).answer(wireTokens(3))
    await session.clock.advance(0)
    expect(next.value?.status).toBe(200)
  })

  it('F2, F9: tokens that arrive later for a session that is over are not adopted, but revoked', async () => {
    const storage = madeStorage()
    const revoked: (string | undefined)[] = []
    const session = await manualSession({ storage, revoke: ({ refreshToken }) => void revoked.push(refreshToken) })
    session.clock.shiftWallClock(seconds(300))
    const request = outcome(session.auth.fetch('/late'))
    await session.clock.advance(seconds(10))
    expect(request.pending).toBe(false)
    await session.auth.signIn(wireTokens(7))
    session.calls[0]?.answer(wireTokens(2))
    await session.clock.advance(0)
    expect(session.auth.getTokens()).toEqual(stored(7))
    expect(storage.stored).toEqual(stored(7))
    expect(revoked).toEqual(['refresh-2'])
  })

  it('F2: a later answer does not replace what a second refresh has brought', async () => {
    const session = await manualSession()
    session.clock.shiftWallClock(seconds(300))
    const first = outcome(session.auth.fetch('/a'))
    await session.clock.advance(seconds(10))
    expect(first.pending).toBe(false)
    const second = outcome(session.auth.fetch('/b'))
    ;(await nthCall(session, 2)).answer(wireTokens(3))
    await session.clock.advance(0)
    expect(second.value?.status).toBe(200)
    session.calls[0]?.answer(wireTokens(2))
    await session.clock.advance(0)
    expect(session.auth.getTokens()).toEqual(stored(3))
  })

  it('F2: who waits for a second refresh, which hangs too, goes out with tokens that arrived later', async () => {
    const session = await manualSession()
    session.refused.add('access-1')
    const first = outcome(session.auth.fetch('/a'))
    await session.clock.advance(seconds(10))
    expect(first.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    const refused = outcome(session.auth.fetch('/b'))
    await nthCall(session, 2)
    const waiting = outcome(session.auth.fetch('/c'))
    session.calls[0]?.answer(wireTokens(2))
    await session.clock.advance(seconds(10))
    expect([refused.value?.status, waiting.value?.status]).toEqual([200, 200])
    expect(session.sent).toEqual(['access-1', 'access-1', 'access-2', 'access-2'])
  })

  it('F2: a refresh token that was rotated is no new token: who was refused meets the outage', async () => {
    const session = await manualSession({ refreshRetries: 0 })
    session.refused.add('access-1')
    const request = outcome(session.auth.fetch('/a'))
    ;(await nthCall(session, 1)).answer({ accessToken: 'access-1', refreshToken: 'refresh-2' })
    await session.clock.advance(0)
    expect(session.auth.getTokens()?.refreshToken).toBe('refresh-2')
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
  })

  it('F2, F6: a later answer that comes while the old refresh token is tried again saves the session', async () => {
    const session = await manualSession()
    session.clock.shiftWallClock(seconds(300))
    const first = outcome(session.auth.fetch('/a'))
    await session.clock.advance(seconds(10))
    expect(first.pending).toBe(false)
    const second = outcome(session.auth.fetch('/b'))
    const again = await nthCall(session, 2)
    expect(again.context.refreshToken).toBe('refresh-1')
    session.calls[0]?.answer(wireTokens(2))
    await session.clock.advance(0)
    again.fail({ error: 'invalid_grant' })
    const third = await nthCall(session, 3)
    expect(third.context.refreshToken).toBe('refresh-2')
    third.answer(wireTokens(3))
    await session.clock.advance(0)
    expect(second.value?.status).toBe(200)
    expect(session.auth.state.status).toBe('signedIn')
  })

  it('F2: a first refresh by cookie that is answered later still signs in', async () => {
    const session = await manualSession({ refreshWithoutToken: true }, null)
    const ready = outcome(session.auth.ready())
    await session.clock.advance(seconds(10))
    expect(ready.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(session.auth.state).toMatchObject({ status: 'restoring', error: { code: 'AUTH_REFRESH_UNAVAILABLE' } })
    session.calls[0]?.answer(wireTokens(2))
    await session.clock.advance(0)
    expect(session.auth.state.status).toBe('signedIn')
    expect((await session.auth.fetch('/things')).status).toBe(200)
    expect(session.calls).toHaveLength(1)
  })

  it('F2: no caller can cancel a flight', async () => {
    const session = await manualSession()
    session.clock.shiftWallClock(seconds(300))
    const abort = new AbortController()
    const requests = [session.auth.fetch('/a', abort), session.auth.getAccessToken(abort)].map((request) =>
      outcome<unknown>(request),
    )
    const call = await nthCall(session, 1)
    abort.abort()
    await session.clock.advance(seconds(1))
    expect(requests.map(({ pending }) => pending)).toEqual([false, false])
    expect(call.context.signal.aborted).toBe(false)
    call.answer(wireTokens(2))
    await session.clock.advance(0)
    expect(session.auth.getTokens()).toEqual(stored(2))
  })

  it('F2: a storage that does not answer its reading is given up, and asked again by the next need', async () => {
    const storage = madeStorage({ stored: { accessToken: 'access-1' } })
    const held = storage.hold('read')
    const { auth, clock, said } = await startSession({ user: undefined, client: { storage } })
    const request = outcome(auth.fetch('/things'))
    await clock.advance(seconds(9.999))
    expect(request.pending).toBe(true)
    await clock.advance(1)
    expect(request.error).toMatchObject({ code: 'AUTH_STORAGE', retryable: true })
    expect(said).toEqual(['storageError'])
    held.release()
    expect(await auth.getAccessToken()).toBe('access-1')
  })

  it.each(['write', 'replace'] as const)(
    'F2: a %s that does not answer is given up; the tokens are used',
    async (call) => {
      const storage = madeStorage({ lacks: call === 'write' ? ['replace', 'lock'] : [] })
      const session = await manualSession({ storage })
      storage.hold(call)
      session.clock.shiftWallClock(seconds(300))
      const early = outcome(session.auth.fetch('/early'))
      ;(await nthCall(session, 1)).answer(wireTokens(2))
      await session.clock.advance(seconds(9))
      const later = outcome(session.auth.fetch('/later'))
      await session.clock.advance(seconds(1))
      expect(early.pending).toBe(false)
      expect(later.value?.status).toBe(200)
      expect(session.sent.at(-1)).toBe('access-2')
      expect(session.said).toContain('storageError')
    },
  )

  it('F2: the calls of one client to its storage run one after another', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    let running = 0
    let most = 0
    for (const call of ['read', 'write', 'replace'] as const) {
      const original = storage[call] as (...args: unknown[]) => Promise<unknown>
      Object.assign(storage, {
        [call]: async (...args: unknown[]) => {
          running += 1
          most = Math.max(most, running)
          await session.clock.advance(0)
          try {
            return await original(...args)
          } finally {
            running -= 1
          }
        },
      })
    }
    const refreshed = session.auth.getAccessToken({ forceRefresh: true })
    while (session.calls.length === 0) await session.clock.advance(0)
    session.calls[0]?.answer(wireTokens(2))
    storage.notify()
    const signedIn = session.auth.signIn(wireTokens(3))
    storage.notify()
    const signedOut = session.auth.signOut()
    await Promise.allSettled([refreshed, signedIn, signedOut])
    expect(most).toBe(1)
    expect(storage.stored).toBeUndefined()
  })
})

describe('the second look, under the lock', () => {
  it('F3: adopts tokens of others, and exchanges nothing', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    session.refused.add('access-1')
    storage.stored = { ...(storage.stored as TokenSet), accessToken: 'access-2', refreshToken: 'refresh-2' }
    const response = outcome(session.auth.fetch('/things'))
    await session.clock.advance(0)
    expect(response.value?.status).toBe(200)
    expect(session.sent).toEqual(['access-1', 'access-2'])
    expect(session.calls).toEqual([])
    expect(session.all('refreshed')).toEqual([expect.objectContaining({ source: 'storage', attempts: 0 })])
  })

  it('F3: adopts tokens of others also where it finds them only when it writes its own, and says so', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    session.refused.add('access-1')
    const response = outcome(session.auth.fetch('/things'))
    const call = await nthCall(session, 1)
    storage.stored = { ...(storage.stored as TokenSet), accessToken: 'access-7', refreshToken: 'refresh-7' }
    call.answer(wireTokens(2))
    await session.clock.advance(0)
    expect(response.value?.status).toBe(200)
    expect(session.sent).toEqual(['access-1', 'access-7'])
    expect(session.all('refreshed')).toEqual([expect.objectContaining({ flightId: 1, source: 'storage', attempts: 1 })])
  })

  it('F3: takes place under the lock and before the network', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    storage.calls.length = 0
    const token = session.auth.getAccessToken({ forceRefresh: true })
    const call = await nthCall(session, 1)
    expect(storage.calls).toEqual(['lock', 'read'])
    call.answer(wireTokens(2))
    await token
  })

  it('F3: takes tokens that have run out only to refresh with them', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    session.refused.add('access-1')
    const expiresAt = session.clock.now() - 1
    storage.stored = { ...(storage.stored as TokenSet), accessToken: 'access-2', refreshToken: 'refresh-2', expiresAt }
    const response = outcome(session.auth.fetch('/things'))
    const call = await nthCall(session, 1)
    expect(call.context.refreshToken).toBe('refresh-2')
    call.answer(wireTokens(3))
    await session.clock.advance(0)
    expect(response.value?.status).toBe(200)
  })

  it('F3: never adopts a set that this client has replaced already, as a lagging storage may show it', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    const old: unknown[] = [storage.stored]
    for (const n of [2, 3]) {
      const token = session.auth.getAccessToken({ forceRefresh: true })
      ;(await nthCall(session, n - 1)).answer(wireTokens(n))
      await token
      old.push(storage.stored)
    }
    for (const lagging of old.slice(0, 2)) {
      storage.stored = lagging
      const before = session.calls.length
      session.refused.add('access-3')
      session.clock.shiftWallClock(seconds(1))
      const response = outcome(session.auth.getAccessToken({ forceRefresh: true }))
      const call = await nthCall(session, before + 1)
      expect(call.context.refreshToken).toBe(`refresh-${before + 1}`)
      call.answer(wireTokens(before + 2))
      await session.clock.advance(0)
      expect(response.value).toBe(`access-${before + 2}`)
    }
  })

  it.each([
    ['fails', (storage: ReturnType<typeof madeStorage>) => storage.fail('read', 9)],
    ['hangs', (storage: ReturnType<typeof madeStorage>) => storage.hold('read')],
  ])('F3: where it %s nothing is exchanged, and nobody is signed out', async (_, spoil) => {
    for (const sync of [true, false]) {
      const storage = madeStorage({ sync })
      const session = await manualSession({ storage })
      spoil(storage)
      session.clock.shiftWallClock(seconds(300))
      const request = outcome(session.auth.fetch('/things'))
      await session.clock.advance(seconds(10))
      expect(request.error).toMatchObject({ retryable: true })
      expect(session.calls).toEqual([])
      expect(session.auth.state.status).toBe('signedIn')
      expect(session.said).toEqual(expect.arrayContaining(['storageError', 'refreshFailed']))
      expect(session.all('refreshFailed')).toEqual([expect.objectContaining({ attempts: 0 })])
    }
  })

  it('F3: where it fails, requests that were refused are told of the outage too', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    storage.fail('read', 9)
    session.refused.add('access-1')
    const request = outcome(session.auth.fetch('/things'))
    await session.clock.advance(0)
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE', retryable: true })
  })

  it('F3: where the storage is not shared, a failing read keeps nobody from refreshing', async () => {
    const storage = madeStorage({ lacks: ['lock', 'subscribe'] })
    const session = await manualSession({ storage })
    storage.fail('read')
    const token = session.auth.getAccessToken({ forceRefresh: true })
    ;(await nthCall(session, 1)).answer(wireTokens(2))
    expect(await token).toBe('access-2')
    expect(session.said).toContain('storageError')
  })
})

describe('refreshed', () => {
  it('F4: what the answer lacks is kept, above all the refresh token', async () => {
    const storage = madeStorage()
    const extras = { idToken: 'id', scope: 'read', tokenType: 'Bearer', tenant: 't' }
    const session = await manualSession({ storage }, { accessToken: 'access-1', refreshToken: 'refresh-1', ...extras })
    const token = session.auth.getAccessToken({ forceRefresh: true })
    ;(await nthCall(session, 1)).answer({ access_token: 'access-2', expires_in: 300 })
    await token
    expect(session.auth.getTokens()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-1', ...extras })
    expect(storage.stored).toEqual(session.auth.getTokens())
  })

  /** A request that waits while the storage takes `wireTokens(2)` and does not come to an end. */
  async function withHeldWrite(hasReplace: boolean) {
    const storage = madeStorage({ lacks: hasReplace ? [] : ['replace'] })
    const session = await manualSession({ storage })
    session.clock.shiftWallClock(seconds(300))
    const request = outcome(session.auth.fetch('/things'))
    const write = storage.hold(hasReplace ? 'replace' : 'write')
    ;(await nthCall(session, 1)).answer(wireTokens(2))
    return { session, storage, request, write }
  }

  it.each([true, false])(
    'F4: is written to the storage before the waiters go (with replace: %s)',
    async (hasReplace) => {
      const { session, storage, request, write } = await withHeldWrite(hasReplace)
      await session.clock.advance(seconds(1))
      expect(write.waiting).toBe(1)
      expect(session.sent).toEqual([])
      expect(session.auth.getTokens()).toEqual(stored(1))
      write.release()
      await session.clock.advance(0)
      expect(request.value?.status).toBe(200)
      expect(storage.stored).toEqual(stored(2))
    },
  )

  it.each([true, false])(
    'F4: who waits does not lose its patience for a write that hangs (with replace: %s)',
    async (hasReplace) => {
      const { session, storage, request, write } = await withHeldWrite(hasReplace)
      await session.clock.advance(seconds(10) - 1)
      expect(request.value?.status).toBe(200)
      expect(session.sent).toEqual(['access-2'])
      expect(session.all('storageError')).toHaveLength(1)
      write.release()
      await session.clock.advance(0)
      expect(storage.stored).toEqual(stored(2))
      expect(session.auth.getTokens()).toEqual(stored(2))
      expect(session.all('storageError')).toHaveLength(1)
    },
  )

  /** A session whose storage took `wireTokens(1)` and failed to take `wireTokens(2)`. */
  async function withFailedWrite(lacks: ('replace' | 'lock' | 'subscribe')[] = []) {
    const storage = madeStorage({ lacks })
    const call = lacks.includes('replace') ? 'write' : 'replace'
    const session = await manualSession({ storage })
    storage.fail(call)
    const token = session.auth.getAccessToken({ forceRefresh: true })
    ;(await nthCall(session, 1)).answer(wireTokens(2))
    expect(await token).toBe('access-2')
    expect(storage.stored).toEqual(stored(1))
    return { ...session, storage, call } as const
  }

  it.each([[[]], [['replace' as const]]])(
    'F4: tokens whose write failed are used, and storageError says so (lacks %j)',
    async (lacks) => {
      const { auth, all, sent, said } = await withFailedWrite(lacks)
      expect(auth.getTokens()).toEqual(stored(2))
      expect((await auth.fetch('/things')).status).toBe(200)
      expect(sent).toEqual(['access-2'])
      expect(said).toContain('refreshed')
      const [{ error } = { error: undefined }] = all('storageError')
      expect(error).toMatchObject({ code: 'AUTH_STORAGE', cause: { code: 'EMADE' } })
      expect(JSON.stringify(error) + String(error?.cause)).not.toContain('secret')
    },
  )

  it.each([[[]], [['replace' as const]]])(
    'F4: the write is tried again before the next look (lacks %j)',
    async (lacks) => {
      const { storage, clock, auth, call } = await withFailedWrite(lacks)
      storage.calls.length = 0
      storage.notify()
      await clock.advance(0)
      expect(storage.calls.indexOf(call)).toBeGreaterThanOrEqual(0)
      expect(storage.calls.indexOf(call)).toBeLessThan(storage.calls.lastIndexOf('read'))
      expect(storage.stored).toEqual(stored(2))
      expect(auth.getTokens()).toEqual(stored(2))
    },
  )

  it('F4: what the storage still holds from before is not adopted while the write goes on failing', async () => {
    const { storage, clock, auth, said } = await withFailedWrite()
    storage.fail('replace', 99)
    for (let notice = 0; notice < 3; notice += 1) {
      storage.notify()
      await clock.advance(0)
      expect(auth.getTokens()).toEqual(stored(2))
    }
    expect(storage.stored).toEqual(stored(1))
    expect(said).not.toContain('signedOut')
  })

  it('F4: and is what replace expects next', async () => {
    const session = await withFailedWrite()
    const { storage, auth } = session
    storage.fail('replace', 1)
    const expected: TokenSet[] = []
    const replace = storage.replace?.bind(storage)
    storage.replace = (before, next) => {
      expected.push(before)
      return replace?.(before, next) ?? false
    }
    const token = auth.getAccessToken({ forceRefresh: true })
    ;(await nthCall(session, 2)).answer(wireTokens(3))
    expect(await token).toBe('access-3')
    expect(expected.map(({ accessToken }) => accessToken)).toEqual(['access-1', 'access-1'])
    expect(storage.stored).toEqual(stored(3))
  })

  it('F4: a write that failed but was done all the same is no news', async () => {
    const { storage, clock, auth, all } = await withFailedWrite()
    storage.stored = auth.getTokens()
    storage.notify()
    await clock.advance(0)
    expect(auth.getTokens()).toEqual(stored(2))
    expect(storage.stored).toEqual(stored(2))
    expect(all('refreshed')).toHaveLength(1)
  })

  it('F4: a storage that falls back to an old set meanwhile gets the new one all the same', async () => {
    const storage = madeStorage()
    const session = await manualSession({ storage })
    const old = storage.stored
    const refreshed = session.auth.getAccessToken({ forceRefresh: true })
    ;(await nthCall(session, 1)).answer(wireTokens(2))
    await refreshed
    const again = session.auth.getAccessToken({ forceRefresh: true })
    const call = await nthCall(session, 2)
    storage.stored = old
    call.answer(wireTokens(3))
    expect(await again).toBe('access-3')
    expect(storage.stored).toEqual(stored(3))
    expect(session.said).not.toContain('storageError')
  })

  it('F4: newer tokens of others win over a write that is owed', async () => {
    const { storage, clock, auth } = await withFailedWrite()
    storage.stored = { ...(storage.stored as TokenSet), accessToken: 'access-9', refreshToken: 'refresh-9' }
    storage.notify()
    await clock.advance(0)
    expect(auth.getTokens()).toEqual(stored(9))
    expect(storage.stored).toEqual(stored(9))
  })

  it('F4: a storage emptied by others meanwhile is a sign-out, not a place for the owed write', async () => {
    const { storage, clock, auth } = await withFailedWrite()
    storage.stored = undefined
    storage.notify()
    await clock.advance(0)
    expect(storage.stored).toBeUndefined()
    storage.notify()
    await clock.advance(0)
    expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'signedOutElsewhere' })
  })

  it.each([true, false])(
    'F4: a sign-in whose write failed does not come back over what it was refreshed to (sync: %s)',
    async (sync) => {
      const storage = madeStorage({ sync })
      const session = await manualSession({ storage })
      storage.fail('write', 2)
      await session.auth.signIn(wireTokens(7))
      const token = outcome(session.auth.getAccessToken({ forceRefresh: true }))
      const call = await nthCall(session, 1)
      call.answer(wireTokens(8))
      await session.clock.advance(0)
      expect(token.value).toBe('access-8')
      storage.notify()
      await session.clock.advance(0)
      expect(storage.stored).toEqual(stored(8))
      expect(session.auth.getTokens()).toEqual(stored(8))
    },
  )

  it.each([true, false])(
    'F4: own writes are no news, for a storage that calls back in the middle of one too (sync: %s)',
    async (sync) => {
      const storage = madeStorage({ sync })
      const session = await manualSession({ storage })
      for (const n of [2, 3]) {
        const token = session.auth.getAccessToken({ forceRefresh: true })
        ;(await nthCall(session, n - 1)).answer(wireTokens(n))
        expect(await token).toBe(`access-${n}`)
      }
      expect(session.all('refreshed').map(({ source }) => source)).toEqual(['exchange', 'exchange'])
    },
  )
})

describe('a session that is over', () => {
  /** A session with a refresh under way, and what was revoked. */
  async function withFlight(stage: 'before the write' | 'during the write') {
    const storage = madeStorage()
    const revoked: (string | undefined)[] = []
    const session = await manualSession({
      storage,
      revoke: ({ refreshToken }: RevokeContext) => void revoked.push(refreshToken),
    })
    session.clock.shiftWallClock(seconds(300))
    const request = outcome(session.auth.fetch('/things'))
    const call = await nthCall(session, 1)
    if (stage === 'before the write')
      return { ...session, storage, revoked, request, finish: () => call.answer(wireTokens(2)) }
    const write = storage.hold('replace')
    call.answer(wireTokens(2))
    await session.clock.advance(0)
    expect(write.waiting).toBe(1)
    return { ...session, storage, revoked, request, finish: write.release }
  }
  const stages = ['before the write', 'during the write'] as const

  it.each(stages)('F9: a sign-out %s is not undone, and the new refresh token is revoked too', async (stage) => {
    const { auth, clock, storage, revoked, request, finish } = await withFlight(stage)
    const signedOut = auth.signOut()
    expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'signOut' })
    await clock.advance(0)
    expect(request.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    finish()
    await signedOut
    await clock.advance(0)
    expect(auth.state.status).toBe('signedOut')
    expect(auth.getTokens()).toBeUndefined()
    expect(storage.stored).toBeUndefined()
    expect(revoked).toContain('refresh-2')
  })

  it.each(stages)("F9: another user's sign-in %s stays, and the late tokens are revoked", async (stage) => {
    const { auth, clock, storage, revoked, request, finish, sent } = await withFlight(stage)
    const signedIn = auth.signIn(wireTokens(7))
    await clock.advance(0)
    expect(request.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    finish()
    await signedIn
    await clock.advance(0)
    expect(auth.getTokens()).toEqual(stored(7))
    expect(storage.stored).toEqual(stored(7))
    expect(revoked).toEqual(['refresh-2'])
    expect(sent).toEqual([])
  })

  it.each(stages)('F9: a sign-out elsewhere %s is not undone', async (stage) => {
    const { auth, clock, storage, revoked, request, finish } = await withFlight(stage)
    storage.stored = undefined
    finish()
    await clock.advance(0)
    expect(storage.stored).toBeUndefined()
    expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'signedOutElsewhere' })
    expect(request.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(revoked).toEqual(['refresh-2'])
  })

  it.each(stages)('F9: a sign-in of another user elsewhere %s stays', async (stage) => {
    const { auth, clock, storage, revoked, finish } = await withFlight(stage)
    const theirs = { accessToken: 'access-7', refreshToken: 'refresh-7', sessionId: 'theirs' }
    storage.stored = theirs
    finish()
    await clock.advance(0)
    expect(storage.stored).toEqual(theirs)
    expect(auth.getTokens()).toEqual(theirs)
    expect(revoked).toEqual(['refresh-2'])
  })

  it('F9: without revoke the late tokens are simply dropped', async () => {
    const session = await manualSession()
    session.clock.shiftWallClock(seconds(300))
    const request = outcome(session.auth.fetch('/things'))
    const call = await nthCall(session, 1)
    await session.auth.signOut()
    call.answer(wireTokens(2))
    await session.clock.advance(0)
    expect(request.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(session.auth.getTokens()).toBeUndefined()
    expect(session.errors).toEqual([])
  })

  it.each(['signOut', 'signIn'] as const)(
    'F9: %s lets a refused waiter leave at once, with its own 401',
    async (end) => {
      const session = await manualSession()
      session.refused.add('access-1')
      const request = outcome(session.auth.fetch('/things'))
      await nthCall(session, 1)
      await (end === 'signOut' ? session.auth.signOut() : session.auth.signIn(wireTokens(7)))
      await session.clock.advance(0)
      expect(request.value?.status).toBe(401)
      expect(await request.value?.text()).toBe('refused')
      expect(session.sent).toEqual(['access-1'])
    },
  )

  it('F9: getAccessToken never crosses to the next user', async () => {
    const session = await manualSession()
    session.clock.shiftWallClock(seconds(300))
    const tokens = [session.auth.getAccessToken(), session.auth.getAccessToken({ forceRefresh: true })].map(outcome)
    await nthCall(session, 1)
    await session.auth.signIn(wireTokens(7))
    await session.clock.advance(0)
    for (const token of tokens) expect(token.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
  })

  it('F9: a request refused after the next sign-in is not resent with the token of that user', async () => {
    const { auth, server, clock } = await startSession({ user: 'a', sockets: true })
    server.refuseAccessTokens('a')
    const gate = server.holdApiRequests()
    const request = auth.fetch('/things')
    await gate.arrived()
    await auth.signIn(server.signIn('b'))
    gate.release()
    expect((await request).status).toBe(401)
    await clock.advance(0)
    expect(server.counts).toMatchObject({ tokenRequests: 0, api: { requests: 1 } })
    expect((await auth.fetch('/things')).status).toBe(200)
  })

  it('F9: a flight of the session before does not keep the next one from its own', async () => {
    const session = await manualSession()
    session.clock.shiftWallClock(seconds(300))
    const old = outcome(session.auth.fetch('/a'))
    await nthCall(session, 1)
    await session.auth.signIn(wireTokens(7, 0))
    const request = outcome(session.auth.fetch('/b'))
    ;(await nthCall(session, 2)).answer(wireTokens(8))
    await session.clock.advance(0)
    expect(request.value?.status).toBe(200)
    expect(old.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    session.calls[0]?.answer(wireTokens(2))
    await session.clock.advance(0)
    expect(session.auth.getTokens()).toEqual(stored(8))
  })
})
