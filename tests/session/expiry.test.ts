import { describe, expect, it } from 'vitest'
import { memoryStorage, type TokenInput, type TokenSet } from '../../src'
import type { Fault } from '../../src/testing'
import { jwt } from '../core/jwt'
import { madeStorage } from '../support/made-storage'
import { manualSession, nthCall } from '../support/manual-session'
import { type ClientOptions, outcome, startSession, type TestSession, wireTokens } from '../support/start-session'

const seconds = (n: number): number => n * 1000
const hour = seconds(3600)

/** Signed in with tokens the server accepts for a day, whatever the client is told of their time. */
async function signedInWith(told: (tokens: TokenSet, now: number) => TokenInput, client: ClientOptions = {}) {
  const session = await startSession({ user: undefined, server: { accessTokenTtlMs: 24 * hour }, client })
  const { access_token, refresh_token = '' } = session.server.signIn()
  await session.auth.signIn(told({ accessToken: access_token, refreshToken: refresh_token }, session.clock.now()))
  return session
}
const withLifetime = (ms: number, client?: ClientOptions) =>
  signedInWith((tokens) => ({ ...tokens, expiresIn: ms / 1000 }), client)

/** What a request now does. `atOnce` and `waits` say whether it went out before the refresh was answered. */
async function requestNow({ auth, server, clock }: TestSession) {
  const gate = server.holdTokenRequests()
  const before = server.counts.api.requests
  const response = outcome(auth.fetch('/things'))
  await clock.advance(0)
  const sending = server.counts.api.requests === before ? 'waits' : 'goes out at once'
  const refresh = gate.waiting > 0 ? 'a refresh' : 'no refresh'
  gate.release()
  await clock.advance(0)
  expect(response.value?.status).toBe(200)
  return `${sending}, ${refresh}`
}
const fresh = 'goes out at once, no refresh'
const inTheBackground = 'goes out at once, a refresh'
const waiting = 'waits, a refresh'

describe('when a token expires', () => {
  it.each([0, -90])('E1: an expiresIn of %d given to signIn is a token that has expired', async (expiresIn) => {
    const session = await signedInWith((tokens) => ({ ...tokens, expiresIn }))
    expect(await requestNow(session)).toBe(waiting)
    expect(await requestNow(session)).toBe(fresh)
  })

  it('E1: is the instant the request was sent plus expires_in, however long the answer took', async () => {
    const { auth, server, clock } = await startSession()
    await clock.advance(seconds(10))
    const gate = server.holdTokenRequests({ afterActing: true })
    const sentAt = clock.now()
    const token = auth.getAccessToken({ forceRefresh: true })
    await clock.advance(seconds(7))
    gate.release()
    await token
    expect(auth.getTokens()).toMatchObject({ expiresAt: sentAt + seconds(300), issuedAt: sentAt })
  })

  it('E1: is that too for tokens that a refresher has read itself', async () => {
    const session = await manualSession()
    const sentAt = session.clock.now()
    const token = session.auth.getAccessToken({ forceRefresh: true })
    const call = await nthCall(session, 1)
    await session.clock.advance(seconds(7))
    call.answer(wireTokens(2))
    await token
    expect(session.auth.getTokens()).toMatchObject({ expiresAt: sentAt + seconds(300), issuedAt: sentAt })
  })

  it('E1: counts from the request that was answered, not from one that failed before it', async () => {
    const { auth, server, clock } = await startSession()
    server.faults.token.next({ status: 503, retryAfter: 4 })
    const startedAt = clock.now()
    const token = outcome(auth.getAccessToken({ forceRefresh: true }))
    await clock.advance(seconds(4))
    expect(token.pending).toBe(false)
    expect(auth.getTokens()?.expiresAt).toBe(startedAt + seconds(4 + 300))
  })

  it.each([
    ['an hour slow', -hour],
    ['an hour fast', hour],
  ])(
    'E1: for a JWT fresh from a refresher is exp - iat from its sending, by a clock that is %s',
    async (_, wrongBy) => {
      const { auth, clock } = await startSession({
        client: {
          refresh: () => {
            const iat = (clock.now() - wrongBy) / 1000
            return { accessToken: jwt({ iat, exp: iat + 300 }) }
          },
        },
      })
      clock.shiftWallClock(wrongBy)
      const sentAt = clock.now()
      await auth.getAccessToken({ forceRefresh: true })
      expect(auth.getTokens()?.expiresAt).toBe(sentAt + seconds(300))
    },
  )

  const origins = {
    signIn: async (accessToken: string) => {
      const session = await startSession({ user: undefined })
      await session.auth.signIn({ accessToken })
      return session
    },
    storage: (accessToken: string) =>
      startSession({ user: undefined, client: { storage: memoryStorage({ accessToken }) } }),
  }
  it.each([
    ['signIn', 'exp', { iat: -250, exp: 50 }, 50],
    ['signIn', 'now plus exp - iat', { iat: 3600, exp: 3900 }, 300],
    ['storage', 'exp', { iat: -250, exp: 50 }, 50],
    ['storage', 'now plus exp - iat', { iat: 3600, exp: 3900 }, 300],
  ] as const)(
    'E1: for a JWT from %s is %s where that is earlier, and no issuedAt comes of it',
    async (origin, _, claims, left) => {
      const now = Date.UTC(2026, 0, 1) / 1000
      const { auth, clock } = await origins[origin](jwt({ iat: now + claims.iat, exp: now + claims.exp }))
      expect(clock.now()).toBe(now * 1000)
      await auth.ready()
      expect(auth.getTokens()?.expiresAt).toBe(clock.now() + seconds(left))
      expect(auth.getTokens()).not.toHaveProperty('issuedAt')
    },
  )
})

describe('the two windows', () => {
  const day = 24 * hour
  it.each([
    ['60 s left', 60, fresh],
    ['less than 60 s left', 59.999, inTheBackground],
    ['5 s left', 5, inTheBackground],
    ['less than 5 s left', 4.999, waiting],
    ['nothing left', 0, waiting],
    ['long expired', -1000, waiting],
  ])('E2: with %s', async (_, left, expected) => {
    const session = await withLifetime(day / 2)
    session.clock.shiftWallClock(day / 2 - seconds(left))
    expect(await requestNow(session)).toBe(expected)
  })

  it.each([
    [31, fresh],
    [29, inTheBackground],
    [11, inTheBackground],
    [9, waiting],
  ])('E2: are what refreshAheadMs and minValidityMs say: with %d s left', async (left, expected) => {
    const session = await withLifetime(day / 2, { refreshAheadMs: seconds(30), minValidityMs: seconds(10) })
    session.clock.shiftWallClock(day / 2 - seconds(left))
    expect(await requestNow(session)).toBe(expected)
  })

  it('E2: a request in the first window goes out with the token that is still valid', async () => {
    const { auth, server, clock } = await withLifetime(day / 2)
    const old = auth.getTokens()?.accessToken ?? ''
    clock.shiftWallClock(day / 2 - seconds(20))
    const shown: (string | undefined)[] = []
    server.onExchange(({ route, shown: label }) => route === 'api' && shown.push(label))
    await auth.fetch('/things')
    expect(shown).toEqual([server.label(old)])
  })

  it('E2: without a known expiry there is neither', async () => {
    const session = await signedInWith((tokens) => tokens)
    session.clock.shiftWallClock(365 * day)
    expect(await requestNow(session)).toBe(fresh)
  })

  it.each([
    // a quarter: 0.5 s, a tenth: 0.2 s
    [2, 0.5, fresh],
    [2, 0.499, inTheBackground],
    [2, 0.2, inTheBackground],
    [2, 0.199, waiting],
    // 7.5 s and 3 s
    [30, 7.5, fresh],
    [30, 7.499, inTheBackground],
    [30, 3, inTheBackground],
    [30, 2.999, waiting],
    // a quarter would be 75 s, a tenth 30 s: more than the windows
    [300, 60, fresh],
    [300, 59.999, inTheBackground],
    [300, 5, inTheBackground],
    [300, 4.999, waiting],
  ])('E3: shrink with the lifetime: of %d s, %d are left', async (lifetime, left, expected) => {
    const session = await withLifetime(seconds(lifetime))
    session.clock.shiftWallClock(seconds(lifetime) - seconds(left))
    expect(await requestNow(session)).toBe(expected)
  })

  it.each([2, 30, 300])(
    'E3: a token that lives %d s is refreshed about once in its life, not for each request',
    async (life) => {
      const { auth, server, clock } = await startSession({ server: { accessTokenTtlMs: seconds(life) } })
      const lives = 10
      for (let request = 0; request < lives * 20; request += 1) {
        const response = outcome(auth.fetch('/things'))
        await clock.advance(seconds(life) / 20)
        expect(response.value?.status).toBe(200)
      }
      expect(server.counts.refreshes).toBeGreaterThanOrEqual(lives - 1)
      expect(server.counts.refreshes).toBeLessThanOrEqual(lives * 1.5)
      expect(server.counts.api.refused).toBe(0)
    },
  )

  it.each([
    [60, fresh],
    [59, inTheBackground],
    [4, waiting],
  ])(
    'E3: do not shrink where the lifetime is not known, as with %d s left of a stored token',
    async (left, expected) => {
      const storage = madeStorage()
      const session = await startSession({ user: undefined, server: { accessTokenTtlMs: day }, client: { storage } })
      const { access_token, refresh_token } = session.server.signIn()
      const expiresAt = session.clock.now() + seconds(left)
      storage.stored = { accessToken: access_token, refreshToken: refresh_token, expiresAt }
      storage.notify()
      await session.auth.ready()
      expect(session.auth.getTokens()).not.toHaveProperty('issuedAt')
      expect(await requestNow(session)).toBe(expected)
    },
  )

  it('E3, E7: refreshes that give the last seconds of a long life, as a server far behind tells it, are no loop', async () => {
    let refreshes = 0
    const { auth, clock } = await startSession({
      client: {
        refresh: () => {
          refreshes += 1
          if (refreshes > 9) throw new Error('a loop')
          const expiresAt = clock.now() + seconds(3)
          return { accessToken: `access-${refreshes}`, expiresAt, issuedAt: expiresAt - hour }
        },
        fetch: async () => new Response(),
      },
    })
    clock.shiftWallClock(seconds(300))
    for (let request = 0; request < 5; request += 1) expect((await auth.fetch('/things')).status).toBe(200)
    expect(refreshes).toBe(1)
  })

  it('E3: what is not known at sign-in is not made up from that moment', async () => {
    const { auth } = await signedInWith((tokens, now) => ({ ...tokens, expiresAt: now + seconds(30) }))
    expect(auth.getTokens()).not.toHaveProperty('issuedAt')
  })
})

describe('a background refresh', () => {
  const failures: [string, Fault][] = [
    ['unavailable', { status: 503 }],
    ['misconfigured', { oauthError: 'invalid_client' }],
    ['interaction required', { oauthError: 'login_required' }],
  ]
  it.each(failures)('E4: that ends %s disturbs nobody while the token is valid', async (_, fault) => {
    const session = await withLifetime(hour, { refreshRetries: 0 })
    const { auth, server, clock } = session
    server.faults.token.always(fault)
    const token = auth.getTokens()?.accessToken
    clock.shiftWallClock(hour - seconds(50))
    for (let request = 0; request < 4; request += 1) {
      const before = server.counts.api.accepted
      const response = outcome(auth.fetch('/things'))
      await clock.advance(seconds(1))
      expect(response.value?.status).toBe(200)
      expect(server.counts.api.accepted).toBe(before + 1)
    }
    expect(server.counts.tokenRequests).toBeGreaterThan(0)
    expect(auth.state.status).toBe('signedIn')
    expect(await auth.getAccessToken()).toBe(token)
    expect(session.said).toContain('refreshFailed')
    expect(session.said).not.toContain('signedOut')
  })

  it.each(failures)('E4: that ends %s does not stop a stream, whose token is still valid', async (_, fault) => {
    const { auth, server, clock } = await withLifetime(hour, { refreshRetries: 0 })
    server.faults.token.always(fault)
    clock.shiftWallClock(hour - seconds(50))
    for (let request = 0; request < 4; request += 1) {
      const body = new Blob(['streamed']).stream()
      const response = outcome(auth.fetch('/things', { method: 'POST', body, duplex: 'half' } as RequestInit))
      await clock.advance(seconds(1))
      expect(response.value?.status).toBe(200)
    }
    expect(server.counts.tokenRequests).toBeGreaterThan(0)
  })

  it('E4: that was rejected ends the session at once', async () => {
    const { auth, server, clock, said } = await withLifetime(hour)
    server.faults.token.next({ oauthError: 'invalid_grant' })
    clock.shiftWallClock(hour - seconds(50))
    const response = auth.fetch('/things')
    await clock.advance(0)
    expect((await response).status).toBe(200)
    expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
    expect(said).toContain('unauthenticated')
  })
})

describe('an answer that brings nothing new', () => {
  /** A session whose token expires now and whose refreshes answer what `answer` says. */
  async function refreshingTo(answer: (current: TokenSet) => TokenInput) {
    const storage = madeStorage({ sync: true })
    const asked: string[] = []
    const session = await signedInWith((tokens) => ({ ...tokens, expiresIn: 300 }), {
      storage,
      refresh: ({ tokens, refreshToken }) => {
        asked.push(refreshToken)
        return answer(tokens)
      },
    })
    return { ...session, storage, asked }
  }
  const sameAgain = ({ accessToken }: TokenSet) => ({ accessToken, expiresIn: 300 })

  it('E6: the same access token is unavailable, and not a loop', async () => {
    const { auth, clock, asked } = await refreshingTo(sameAgain)
    clock.shiftWallClock(seconds(300))
    const request = outcome(auth.fetch('/things'))
    await clock.advance(seconds(10))
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE', retryable: true })
    expect(asked).toHaveLength(1)
    expect(auth.state.status).toBe('signedIn')
  })

  it('E6: the same access token is what forceRefresh may get while it is valid', async () => {
    const { auth, asked } = await refreshingTo(sameAgain)
    const token = auth.getTokens()?.accessToken
    expect(await auth.getAccessToken({ forceRefresh: true })).toBe(token)
    expect(asked).toHaveLength(1)
  })

  it('E6: forceRefresh may get it from a refresh that was under way already', async () => {
    const { auth, clock, said } = await refreshingTo(sameAgain)
    const token = auth.getTokens()?.accessToken
    clock.shiftWallClock(seconds(250))
    const background = auth.fetch('/things')
    const forced = auth.getAccessToken({ forceRefresh: true })
    await background
    expect(await forced).toBe(token)
    expect(said.filter((name) => name === 'refreshStarted')).toHaveLength(1)
  })

  it.each([0, -1, -3600])('E6: an access token with an expiresIn of %d is unavailable, no loop', async (expiresIn) => {
    for (const forceRefresh of [true, false]) {
      const { auth, clock, asked } = await refreshingTo(() => ({ accessToken: 'next', expiresIn }))
      clock.shiftWallClock(seconds(300))
      await expect(auth.getAccessToken({ forceRefresh })).rejects.toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
      expect(asked).toHaveLength(1)
      expect(auth.state.status).toBe('signedIn')
    }
  })

  it('E6: the same access token that has expired is unavailable, forced or not', async () => {
    const { auth } = await refreshingTo(({ accessToken }) => ({ accessToken, expiresIn: 0 }))
    await expect(auth.getAccessToken({ forceRefresh: true })).rejects.toMatchObject({
      code: 'AUTH_REFRESH_UNAVAILABLE',
    })
  })

  it.each([
    ['the same access token', sameAgain],
    ['an expired one', () => ({ accessToken: 'next', expiresIn: 0 })],
    ['none', () => ({}) as TokenSet],
  ])('E6: a new refresh token beside %s is kept and stored, and is what is used next', async (_, answer) => {
    let rotations = 0
    const { auth, clock, asked, storage } = await refreshingTo((tokens) => {
      rotations += 1
      return { ...answer(tokens), refreshToken: `rotated-${rotations}` }
    })
    const before = auth.getTokens()
    clock.shiftWallClock(seconds(300))
    const first = outcome(auth.fetch('/things'))
    await clock.advance(seconds(10))
    expect(first.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(auth.getTokens()).toEqual({ ...before, refreshToken: 'rotated-1' })
    expect(storage.stored).toEqual({ ...before, refreshToken: 'rotated-1' })
    const second = outcome(auth.fetch('/things'))
    await clock.advance(seconds(10))
    expect(second.pending).toBe(false)
    expect(asked).toEqual([before?.refreshToken, 'rotated-1'])
  })
})

describe('a wrong clock', () => {
  /** A request each ten seconds for an hour, with something done to the clock after a while. */
  async function anHourOfRequests(turn: (session: TestSession) => void, client?: ClientOptions) {
    const session = await startSession({ server: { accessTokenTtlMs: seconds(300) }, client })
    for (let request = 0; request < 360; request += 1) {
      if (request === 50) turn(session)
      const response = outcome(session.auth.fetch('/things'))
      await session.clock.advance(seconds(10))
      expect(response.value?.status).toBe(200)
    }
    return session.server.counts.refreshes
  }
  it.each([
    ['turned back by 3 minutes', -seconds(180)],
    ['turned back by an hour', -hour],
    ['turned forward by 3 minutes', seconds(180)],
    ['turned forward by an hour', hour],
  ])('E7: %s, causes at most one refresh more than a right one', async (_, by) => {
    const right = await anHourOfRequests(() => {})
    expect(await anHourOfRequests(({ clock }) => clock.shiftWallClock(by))).toBeLessThanOrEqual(right + 1)
  })

  it.each([
    ['an hour slow', -hour],
    ['an hour fast', hour],
  ])('E7: %s from the start, it makes a JWT that says when it ends cause at most one more', async (_, wrongBy) => {
    const refreshes = async (by: number) => {
      const session = await startSession({
        user: undefined,
        server: {
          tokenFormat: 'jwt',
          accessTokenTtlMs: seconds(300),
          answer: ({ access_token, refresh_token }) => ({ access_token, refresh_token }),
        },
      })
      const { access_token, refresh_token } = session.server.signIn()
      session.clock.shiftWallClock(by)
      await session.auth.signIn({ accessToken: access_token, ...(refresh_token && { refreshToken: refresh_token }) })
      for (let request = 0; request < 100; request += 1) {
        const response = outcome(session.auth.fetch('/things'))
        await session.clock.advance(seconds(10))
        expect(response.value?.status).toBe(200)
      }
      return session.server.counts.refreshes
    }
    expect(await refreshes(wrongBy)).toBeLessThanOrEqual((await refreshes(0)) + 1)
  })

  it('E7: turned forward and back again, causes at most one refresh more for each', async () => {
    const right = await anHourOfRequests(() => {})
    const turned = await anHourOfRequests(({ clock, auth }) => {
      clock.shiftWallClock(hour)
      void auth.fetch('/things')
      clock.shiftWallClock(-hour)
    })
    expect(turned).toBeLessThanOrEqual(right + 2)
  })

  it.each([
    ['forward', hour],
    ['back', -hour],
  ])('E7: turned %s, neither ends nor prolongs a wait', async (_, by) => {
    const { auth, server, clock } = await startSession()
    server.expireAccessTokens()
    server.holdTokenRequests()
    const request = outcome(auth.fetch('/things'))
    await clock.advance(seconds(1))
    clock.shiftWallClock(by)
    await clock.advance(seconds(8.999))
    expect(request.pending).toBe(true)
    await clock.advance(1)
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
  })

  it.each([
    ['forward', hour],
    ['back', -hour],
  ])('E7: turned %s, neither ends nor prolongs a cooldown', async (_, by) => {
    const { auth, server, clock } = await startSession({ client: { refreshRetries: 0 } })
    server.faults.token.always({ status: 503 })
    const ask = async () => {
      const asked = outcome(auth.getAccessToken({ forceRefresh: true }))
      await clock.advance(0)
      expect(asked.pending).toBe(false)
      return server.counts.tokenRequests
    }
    await ask()
    expect(await ask()).toBe(2)
    clock.shiftWallClock(by)
    await clock.advance(seconds(4.999))
    expect(await ask()).toBe(2)
    await clock.advance(1)
    expect(await ask()).toBe(3)
  })
})
