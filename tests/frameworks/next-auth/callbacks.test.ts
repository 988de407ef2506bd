import { inspect } from 'node:util'
import { createClient } from 'redis'
import { createNextAuthServer } from 'tokenflight/next-auth/server'
import { redisGraceStore } from 'tokenflight/redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { versions } from '../../support/next-auth-apps'
import { type NextAuthWorld, nextAuthWorld, user } from '../../support/next-auth-world'
import { inNext } from '../../support/next-request'
import { type RedisServer, startRedis } from '../../support/redis-server'

const connect = (url: string) => createClient({ url }).connect()

describe.each(versions)('the callbacks of next-auth $name', (version) => {
  let world: NextAuthWorld
  beforeEach(() => {
    world = nextAuthWorld(version)
  })

  describe('requests with one expired cookie', () => {
    it('H5: five that come together make one refresh, and the family lives', async () => {
      const app = await world.signedIn()
      const requests = Array.from({ length: 5 }, () => app.browser.request('/api/auth/session'))
      const sessions = await Promise.all(requests.map(async (request) => (await app.handle(request)).json()))
      expect(world.server.counts).toMatchObject({ tokenRequests: 1, refreshes: 1, familiesRevoked: 0 })
      const [first] = sessions
      expect(sessions.map(({ accessToken }) => accessToken)).toEqual(Array(5).fill(first.accessToken))
      const api = { headers: { authorization: `Bearer ${first.accessToken}` } }
      expect((await world.server.fetch('https://api.example/users', api)).status).toBe(200)
    })

    it('H5: one that comes late gets the tokens that took its place, and so does its cookie', async () => {
      const app = await world.signedIn()
      const old = app.browser.snapshot()
      const { accessToken } = await app.session()
      const late = await app.handle(app.browser.request('/api/auth/session', {}, old))
      expect(await late.json()).toMatchObject({ accessToken })
      app.browser.keep(late.headers.getSetCookie())
      expect(await app.session()).toMatchObject({ accessToken })
      expect(world.server.counts).toMatchObject({ tokenRequests: 1, familiesRevoked: 0 })
    })

    it('H5: one that comes late with a token that is still good does not bring the old cookie back', async () => {
      const app = await world.signedIn(world.sessions(), { fresh: true })
      const old = app.browser.snapshot()
      const { accessToken } = await app.update({ tokenflight: { refresh: 'refused' } })
      const late = await app.handle(app.browser.request('/api/auth/session', {}, old))
      expect(await late.json()).toMatchObject({ accessToken })
    })

    it('F4: a second expiry is refreshed too, with the refresh token that was rotated in', async () => {
      const app = await world.signedIn(world.sessions({ graceMs: 0 }))
      await app.session()
      await app.update({ tokenflight: { refresh: 'forced' } })
      expect(world.server.counts).toMatchObject({ refreshes: 2, familiesRevoked: 0, rejected: 0 })
    })
  })

  describe('the browser', () => {
    it('sees the access token, never the refresh token or the id token', async () => {
      const app = await world.signedIn(world.sessions(), { fresh: true })
      expect(await app.session()).toEqual({
        user: { name: 'Ada' },
        expires: expect.any(String),
        accessToken: expect.any(String),
        accessTokenExpiry: expect.any(Number),
        accessTokenIssuedAt: expect.any(Number),
        sessionId: expect.any(String),
      })
      expect(world.server.counts.tokenRequests).toBe(0)
    })

    it('X1: not even where the own callback copies the whole token', async () => {
      const app = await world.signedIn(world.sessions(), {
        fresh: true,
        own: {
          session: ({ session, token }) => ({
            ...session,
            ...token,
            user: { ...session.user, ...token, secret: token.refreshToken },
            expires: session.expires,
          }),
        },
      })
      const shown = JSON.stringify(await app.session())
      expect(shown).toContain('accessToken')
      expect(shown).not.toMatch(/refresh|idToken|secret/i)
    })

    it('makes it refresh with an update, of which the own callback hears nothing', async () => {
      const own = vi.fn(({ token, trigger, session }) => (trigger === 'update' ? { ...token, ...session } : token))
      const app = await world.signedIn(world.sessions(), { fresh: true, own: { jwt: own } })
      const before = await app.session()
      const after = await app.update({ tokenflight: { refresh: 'refused' } })
      expect(after['accessToken']).not.toBe(before['accessToken'])
      expect(after['sessionId']).toBe(before['sessionId'])
      expect(own.mock.lastCall?.[0]).toMatchObject({ trigger: undefined, session: undefined })
      await app.update({ name: 'Grace' })
      expect(own.mock.lastCall?.[0]).toMatchObject({ trigger: 'update', session: { name: 'Grace' } })
      expect(await app.session()).toMatchObject({ user: { name: 'Grace' } })
      expect(world.server.counts.refreshes).toBe(1)
    })

    it.each([{}, { tokenflight: {} }, { tokenflight: { refresh: 'rm -rf' } }, { tokenflight: 'refused' }, null])(
      'X3: refreshes nothing with the update %j',
      async (data) => {
        const app = await world.signedIn(world.sessions(), { fresh: true })
        await app.update(data)
        expect(world.server.counts.tokenRequests).toBe(0)
      },
    )
  })

  describe('a refresh that fails', () => {
    it('F5: by a 503 keeps session and tokens, without an error; the next one mends it', async () => {
      const app = await world.signedIn()
      world.server.faults.token.next({ status: 503 })
      const during = await app.session()
      expect(during).toMatchObject({ user: { name: 'Ada' }, accessToken: expect.any(String) })
      expect(during).not.toHaveProperty('error')
      expect(world.onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'AUTH_REFRESH_UNAVAILABLE' }))
      const after = await app.session()
      expect(after['accessToken']).not.toBe(during['accessToken'])
      expect(world.server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
    })

    it('F6: by invalid_grant says so in the session, asks no second time, and a sign-in clears it', async () => {
      const app = await world.signedIn()
      world.server.revokeUser('user')
      world.server.resetCounts()
      const session = await app.session()
      expect(session).toMatchObject({ user: { name: 'Ada' }, error: 'RefreshTokenRejected' })
      expect(session).not.toHaveProperty('accessToken')
      expect(await app.session()).toMatchObject({ error: 'RefreshTokenRejected' })
      expect(world.server.counts.tokenRequests).toBe(1)
      await app.signIn()
      expect(await app.session()).not.toHaveProperty('error')
    })

    it('F7: by misconfiguration changes nothing', async () => {
      const app = await world.signedIn(world.sessions({ refresh: {} }))
      expect(await app.session()).not.toHaveProperty('error')
      expect(world.onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'AUTH_REFRESH_MISCONFIGURED' }))
    })

    it('an error that another library has left is cleared by the next refresh', async () => {
      let broken = true
      const app = await world.signedIn(world.sessions(), {
        own: { jwt: ({ token }) => (broken ? { ...token, error: 'RefreshAccessTokenError' } : token) },
      })
      broken = false
      expect(await app.session()).not.toHaveProperty('error')
    })
  })

  describe("the app's own jwt callback", () => {
    it('keeps what it puts there, through refreshes', async () => {
      const app = await world.signedIn(world.sessions(), {
        own: {
          jwt: ({ token, user: signedIn }) => (signedIn ? { ...token, tenant: 'blue' } : token),
          session: ({ session, token }) => ({ ...session, tenant: token['tenant'] }),
        },
      })
      expect(await app.session()).toMatchObject({ tenant: 'blue', accessToken: expect.any(String) })
      expect(await app.session()).toMatchObject({ tenant: 'blue' })
      expect(world.server.counts.refreshes).toBe(1)
    })

    it('loses no token by making a new object', async () => {
      const app = await world.signedIn(world.sessions(), {
        own: { jwt: ({ token }) => ({ name: token.name ?? null }) },
      })
      expect(await app.session()).toMatchObject({ accessToken: expect.any(String) })
      expect(await app.session()).toMatchObject({ accessToken: expect.any(String) })
      expect(world.server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
    })

    it('ends the session by throwing, as without this library, and no refresh token is spent', async () => {
      let fails = false
      const app = await world.signedIn(world.sessions(), {
        own: {
          jwt({ token }) {
            if (fails) throw new Error('no such tenant')
            return token
          },
        },
      })
      fails = true
      expect(await app.session()).toEqual({})
      expect(app.browser.names(version.cookie)).toEqual([])
      expect(world.server.counts.tokenRequests).toBe(0)
    })

    it('has the last word at a sign-in: tokens of its own instead of the provider’s', async () => {
      const mine = { accessToken: 'own-access', refreshToken: 'own-refresh', accessTokenExpiry: Date.now() + 300_000 }
      const app = await world.signedIn(world.sessions(), {
        own: { jwt: ({ token, account }) => (account ? { ...token, ...mine } : token) },
      })
      expect(await app.session()).toMatchObject({
        accessToken: 'own-access',
        accessTokenExpiry: mine.accessTokenExpiry,
      })
    })
  })

  describe('cookies', () => {
    it('a session of three chunks becomes one of one, and nothing is left over', async () => {
      let size = 9_000
      const app = await world.signedIn(world.sessions(), {
        own: { jwt: ({ token }) => ({ ...token, roles: 'r'.repeat(size) }) },
      })
      const chunks = [0, 1, 2].map((index) => `${version.cookie}.${index}`)
      expect(app.browser.names(version.cookie)).toEqual(expect.arrayContaining(chunks))
      size = 10
      await app.session()
      expect(app.browser.names(version.cookie)).toEqual([version.cookie])
      expect(world.server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
    })

    it('have the __Secure- prefix on https', async () => {
      const app = await world.signedIn(world.sessions(), { secureCookies: true })
      expect(app.browser.names('__Secure-')).toContain(`__Secure-${version.cookie}`)
      await app.session()
      await app.update({ tokenflight: { refresh: 'forced' } })
      expect(world.server.counts).toMatchObject({ refreshes: 2, familiesRevoked: 0 })
    })
  })

  describe('while a server component renders', () => {
    it('refresh nothing: next-auth could not write what it gives', async () => {
      const app = await world.signedIn()
      const before = app.browser.snapshot()
      const { result } = await inNext('component', app.browser.request('/api/auth/session'), async (request) =>
        (await app.answer(request)).json(),
      )
      expect(result).toMatchObject({ user: { name: 'Ada' } })
      expect(world.server.counts.tokenRequests).toBe(0)
      expect(app.browser.snapshot()).toBe(before)
    })

    it('H5: but show what another request has refreshed', async () => {
      const app = await world.signedIn()
      const old = app.browser.snapshot()
      const { accessToken } = await app.session()
      const { result } = await inNext('component', app.browser.request('/api/auth/session', {}, old), async (request) =>
        (await app.answer(request)).json(),
      )
      expect(result).toMatchObject({ accessToken })
    })
  })

  it('where next-auth is asked within a route handler, the cookie it would lose is written', async () => {
    const app = await world.signedIn()
    const { setCookie } = await inNext('handler', app.browser.request('/api/auth/session'), (request) =>
      app.answer(request),
    )
    app.browser.keep(setCookie)
    expect(setCookie.join()).toMatch(/HttpOnly; SameSite=lax/i)
    await app.session()
    expect(world.server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
  })

  describe('a sign-out', () => {
    it('H5: ends the session for requests from before it', async () => {
      const app = await world.signedIn()
      await app.session()
      const before = app.browser.snapshot()
      await app.signOut()
      expect(app.browser.names(version.cookie)).toEqual([])
      const late = await app.handle(app.browser.request('/api/auth/session', {}, before))
      expect((await late.json()) ?? {}).toEqual({})
      app.browser.keep(late.headers.getSetCookie())
      expect(app.browser.names(version.cookie)).toEqual([])
      expect(world.onError).not.toHaveBeenCalled()
    })

    it('H5: ends it for those with the cookie that was rotated away, too', async () => {
      const app = await world.signedIn()
      const old = app.browser.snapshot()
      await app.session()
      await app.signOut()
      const late = await app.handle(app.browser.request('/api/auth/session', {}, old))
      expect((await late.json()) ?? {}).toEqual({})
      expect(world.server.counts).toMatchObject({ tokenRequests: 1, familiesRevoked: 0 })
    })
  })

  it('H5: a sign-in that brings the same refresh token again, after a sign-out, is one', async () => {
    const same = user(world.server, false)
    const app = await world.signedIn(world.sessions(), { authorize: () => same })
    await app.signOut()
    await app.signIn()
    expect(await app.session()).toMatchObject({ user: { name: 'Ada' }, accessToken: expect.any(String) })
    expect(world.server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
  })

  it('F4: in the spelling of other recipes nothing of the access token before is left', async () => {
    const seen = vi.fn()
    const app = await world.signedIn(
      world.sessions({ refresh: () => ({ accessToken: `new-${crypto.randomUUID()}`, refreshToken: 'next' }) }),
      {
        own: {
          jwt({ token, account }) {
            seen(token)
            const { access_token, refresh_token } = world.server.signIn()
            return account ? { ...token, access_token, refresh_token, expires_at: 1_000, roles: ['admin'] } : token
          },
        },
      },
    )
    const first = await app.session()
    expect(await app.session()).toMatchObject({ accessToken: first['accessToken'] })
    expect(seen.mock.lastCall?.[0]).toMatchObject({ accessToken: first['accessToken'], roles: ['admin'] })
    expect(Object.keys(seen.mock.lastCall?.[0])).not.toEqual(expect.arrayContaining(['access_token']))
    expect(Object.keys(seen.mock.lastCall?.[0])).not.toEqual(expect.arrayContaining(['expires_at']))
  })

  it('Q5: without onError the console says what failed, without a token', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    const sessions = createNextAuthServer({ ...version.options, fetch: world.server.fetch, refresh: {} })
    const app = await world.signedIn(sessions)
    await app.session()
    expect(log).toHaveBeenCalledWith(expect.objectContaining({ code: 'AUTH_REFRESH_MISCONFIGURED' }))
    expect(inspect(log.mock.calls, { depth: 10, showHidden: true })).not.toContain(`${version.name}-`)
  })

  describe('bad input', () => {
    it.each(['', 'x', 'a.b.c.d.e', 'ey'.repeat(9_000), '%E0%A4%A'])(
      'X3: the cookie %j is signed out',
      async (value) => {
        const app = await world.signedIn()
        const cookies = `${version.cookie}=${value}`
        expect((await (await app.handle(app.browser.request('/api/auth/session', {}, cookies))).json()) ?? {}).toEqual(
          {},
        )
      },
    )

    it('S5: without a refresh token, the access token stays as it is', async () => {
      const app = await world.signedIn(world.sessions(), {
        authorize: () => ({ ...user(world.server, false), refreshToken: undefined }),
      })
      expect(await app.session()).toMatchObject({ accessToken: expect.any(String) })
      expect(world.server.counts.tokenRequests).toBe(0)
    })

    it('without any tokens, the session is as next-auth makes it', async () => {
      const app = await world.signedIn(world.sessions(), { authorize: () => ({ id: '1', name: 'Ada' }) })
      expect(await app.session()).toEqual({ user: { name: 'Ada' }, expires: expect.any(String) })
    })
  })

  it('X1: no error holds a token', async () => {
    const app = await world.signedIn()
    const { accessToken } = await app.session()
    world.server.revokeUser('user')
    await app.update({ tokenflight: { refresh: 'forced' } })
    const shown = inspect(world.onError.mock.calls, { depth: 10, showHidden: true })
    expect(shown).toContain('RefreshRejectedError')
    expect(shown).not.toContain(String(accessToken))
    expect(shown).not.toContain(`${version.name}-`)
  })

  describe('two processes with one Redis', () => {
    let redis: RedisServer
    let clients: Awaited<ReturnType<typeof connect>>[]
    beforeAll(async () => {
      redis = await startRedis()
      clients = await Promise.all([1, 2].map(() => connect(redis.url)))
    })
    afterAll(async () => {
      for (const client of clients) client.destroy()
      await redis.stop()
    })
    const stores = () =>
      clients.map((client) => redisGraceStore(client, { secret: 'of the tests alone, 32 characters' }))

    it('H5: requests with one old cookie make one refresh', async () => {
      const [one, other] = stores().map((store) => world.sessions({ store }))
      const app = await world.signedIn(one)
      const process = version.start({ sessions: other ?? expect.unreachable(), authorize: () => null })
      const ask = (at: typeof app) => async () => (await at.handle(app.browser.request('/api/auth/session'))).json()
      const sessions = await Promise.all([app, process, app, process].map((at) => ask(at)()))
      expect(new Set(sessions.map(({ accessToken }) => accessToken)).size).toBe(1)
      expect(world.server.counts).toMatchObject({ tokenRequests: 1, refreshes: 1, familiesRevoked: 0 })
    })

    it('H5: a sign-out at one ends it at the other', async () => {
      const [one, other] = stores().map((store) => world.sessions({ store }))
      const app = await world.signedIn(one)
      const process = version.start({ sessions: other ?? expect.unreachable(), authorize: () => null })
      const before = app.browser.snapshot()
      await app.signOut()
      const late = await process.handle(app.browser.request('/api/auth/session', {}, before))
      expect((await late.json()) ?? {}).toEqual({})
      expect(world.server.counts.tokenRequests).toBe(0)
    })
  })
})
