import { beforeEach, describe, expect, it } from 'vitest'
import type { AuthClient } from '../../../src'
import { type NextAuthApp, versions } from '../../support/next-auth-apps'
import { type NextAuthWorld, nextAuthWorld, user } from '../../support/next-auth-world'
import { inNext } from '../../support/next-request'

const failure = (error: unknown): unknown => error

describe.each(versions)('forRequest with next-auth $name', (version) => {
  let world: NextAuthWorld
  beforeEach(() => {
    world = nextAuthWorld(version)
  })

  /** What `use` does with a client of its own, in a route handler of a request of this app. */
  async function inHandler<T>(
    app: NextAuthApp,
    use: (auth: AuthClient) => Promise<T>,
    { sessions = world.sessions(), cookies = app.browser.snapshot() } = {},
  ): Promise<T> {
    const { result, setCookie } = await inNext('handler', app.browser.request('/api/users', {}, cookies), async () =>
      use(await sessions.forRequest()),
    )
    app.browser.keep(setCookie)
    return result
  }
  const inComponent = async <T>(app: NextAuthApp, use: (auth: AuthClient) => Promise<T>, cookies?: string) => {
    const sessions = world.sessions()
    const request = app.browser.request('/page', {}, cookies)
    const { result } = await inNext('component', request, async () => use(await sessions.forRequest()))
    return result
  }

  describe('in a route handler', () => {
    it('sends the token that is good, and leaves the cookie alone', async () => {
      const app = await world.signedIn(world.sessions(), { fresh: true })
      const before = app.browser.snapshot()
      const response = await inHandler(app, (auth) => auth.fetch('/users'))
      expect(response.status).toBe(200)
      expect(app.browser.snapshot()).toBe(before)
    })

    it('refreshes one that has expired, and writes the cookie', async () => {
      const app = await world.signedIn()
      expect((await inHandler(app, (auth) => auth.fetch('/users'))).status).toBe(200)
      const { accessToken } = await app.session()
      expect(await inHandler(app, (auth) => auth.getAccessToken())).toBe(accessToken)
      expect(world.server.counts).toMatchObject({ tokenRequests: 1, refreshes: 1, familiesRevoked: 0 })
    })

    it('F4: the browser goes on with the new refresh token, also without a grace time', async () => {
      const app = await world.signedIn(world.sessions({ graceMs: 0 }))
      for (const time of [1, 2, 3]) {
        await inHandler(app, (auth) => auth.getAccessToken({ forceRefresh: true }), {
          sessions: world.sessions({ graceMs: 0 }),
        })
        expect(world.server.counts).toMatchObject({ refreshes: time, familiesRevoked: 0 })
      }
      await app.update({ tokenflight: { refresh: 'forced' } })
      expect(world.server.counts).toMatchObject({ refreshes: 4, familiesRevoked: 0 })
    })

    it('R3: refreshes one that is refused, and sends the request again', async () => {
      const app = await world.signedIn(world.sessions(), { fresh: true })
      world.server.refuseAccessTokens()
      expect((await inHandler(app, (auth) => auth.fetch('/users'))).status).toBe(200)
      await app.session()
      expect(world.server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
    })

    it('H5: five requests with one old cookie make one refresh, each with a client of its own', async () => {
      const app = await world.signedIn()
      const cookies = app.browser.snapshot()
      const five = Array.from({ length: 5 }, () => inHandler(app, (auth) => auth.fetch('/users'), { cookies }))
      expect((await Promise.all(five)).map(({ status }) => status)).toEqual(Array(5).fill(200))
      expect(world.server.counts).toMatchObject({ tokenRequests: 1, refreshes: 1, familiesRevoked: 0 })
    })

    it('H5: shares the refresh with the session requests of the page', async () => {
      const app = await world.signedIn()
      const cookies = app.browser.snapshot()
      const [response] = await Promise.all([
        inHandler(app, (auth) => auth.fetch('/users'), { cookies }),
        app.handle(app.browser.request('/api/auth/session', {}, cookies)),
      ])
      expect(response.status).toBe(200)
      expect(world.server.counts).toMatchObject({ tokenRequests: 1, refreshes: 1, familiesRevoked: 0 })
    })

    it("keeps the app's own fields in the cookie", async () => {
      const app = await world.signedIn(world.sessions(), {
        own: {
          jwt: ({ token, account }) => (account ? { ...token, tenant: 'blue' } : token),
          session: ({ session, token }) => ({ ...session, tenant: token['tenant'] }),
        },
      })
      await inHandler(app, (auth) => auth.fetch('/users'))
      expect(await app.session()).toMatchObject({ tenant: 'blue', user: { name: 'Ada' } })
    })

    it('writes one cookie where there were three chunks, and leaves none over', async () => {
      const app = await world.signedIn(world.sessions(), {
        authorize: () => ({ ...user(world.server, false), accessToken: 'x'.repeat(7_000) }),
      })
      expect(app.browser.names(version.cookie)).toEqual([0, 1, 2].map((index) => `${version.cookie}.${index}`))
      expect((await inHandler(app, (auth) => auth.fetch('/users'))).status).toBe(200)
      expect(app.browser.names(version.cookie)).toEqual([version.cookie])
      await app.session()
      expect(world.server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
    })

    it('has the __Secure- cookie on https', async () => {
      const app = await world.signedIn(world.sessions(), { secureCookies: true })
      expect((await inHandler(app, (auth) => auth.fetch('/users'))).status).toBe(200)
      expect(app.browser.names(`__Secure-${version.cookie}`)).toEqual([`__Secure-${version.cookie}`])
      await app.session()
      expect(world.server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
    })

    it('F5: an outage rejects as retryable, and signs nobody out', async () => {
      const app = await world.signedIn()
      world.server.faults.token.next({ status: 503 })
      const error = await inHandler(app, (auth) => auth.fetch('/users').catch(failure))
      expect(error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE', retryable: true })
      expect((await inHandler(app, (auth) => auth.fetch('/users'))).status).toBe(200)
    })

    it('F6: a rejection signs out, and the browser hears of it', async () => {
      const app = await world.signedIn()
      world.server.revokeUser('user')
      const state = await inHandler(app, async (auth) => {
        await auth.getAccessToken().catch(failure)
        return auth.state
      })
      expect(state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
      expect(await app.session()).toMatchObject({ user: { name: 'Ada' }, error: 'RefreshTokenRejected' })
      expect(await inHandler(app, async (auth) => (await auth.ready()).status)).toBe('signedOut')
    })

    it('H5: a sign-out deletes the cookie, and refuses its refresh token from then on', async () => {
      const app = await world.signedIn()
      const before = app.browser.snapshot()
      await inHandler(app, (auth) => auth.signOut())
      expect(app.browser.names(version.cookie)).toEqual([])
      const late = await inHandler(app, async (auth) => (await auth.ready()).status, { cookies: before })
      expect(late).toBe('signedOut')
      expect(world.server.counts.tokenRequests).toBe(0)
    })

    it('H5: a cookie that comes back after a sign-out is deleted, so that it does not outlast the grace time', async () => {
      const app = await world.signedIn()
      const before = app.browser.snapshot()
      await inHandler(app, (auth) => auth.signOut())
      app.browser.keep(before.split('; '))
      expect(app.browser.names(version.cookie)).toEqual([version.cookie])
      expect(await inHandler(app, async (auth) => (await auth.ready()).status)).toBe('signedOut')
      expect(app.browser.names(version.cookie)).toEqual([])
    })

    it('H5: a sign-out while the refresh is under way deletes the cookie here, too', async () => {
      const app = await world.signedIn()
      const before = app.browser.snapshot()
      const gate = world.server.holdTokenRequests()
      const late = inHandler(app, (auth) => auth.fetch('/users').catch(failure), { cookies: before })
      await gate.arrived()
      await app.signOut()
      gate.release()
      expect(await late).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
      expect(app.browser.names(version.cookie)).toEqual([])
    })

    it('signing in is next-auth’s own business', async () => {
      const app = await world.signedIn()
      const error = await inHandler(
        app,
        async (auth) => {
          const failed = new Promise((resolve) => auth.on('storageError', resolve))
          await auth.signIn({ accessToken: 'a' }).catch(failure)
          return failed
        },
        { cookies: '' },
      )
      expect(error).toMatchObject({ error: { code: 'AUTH_STORAGE' } })
    })
  })

  describe('in a server component', () => {
    it('sends the token that is good', async () => {
      const app = await world.signedIn(world.sessions(), { fresh: true })
      expect((await inComponent(app, (auth) => auth.fetch('/users'))).status).toBe(200)
    })

    it('refreshes none, and says so with an error of its own', async () => {
      const app = await world.signedIn()
      const error = await inComponent(app, (auth) => auth.fetch('/users').catch(failure))
      expect(error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE', message: expect.stringContaining('proxy.ts') })
      expect(world.server.counts.tokenRequests).toBe(0)
    })

    it('refreshes none that is refused either', async () => {
      const app = await world.signedIn(world.sessions(), { fresh: true })
      world.server.refuseAccessTokens()
      const error = await inComponent(app, (auth) => auth.fetch('/users').catch(failure))
      expect(error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
      expect(world.server.counts.tokenRequests).toBe(0)
    })

    it('E4: uses one that will expire soon', async () => {
      const app = await world.signedIn(world.sessions(), {
        authorize: () => ({
          ...user(world.server, true),
          accessTokenExpiry: Date.now() + 30_000,
          expiresIn: undefined,
        }),
      })
      expect((await inComponent(app, (auth) => auth.fetch('/users'))).status).toBe(200)
      expect(world.server.counts.tokenRequests).toBe(0)
    })

    it('H5: uses what another request has refreshed', async () => {
      const app = await world.signedIn()
      const old = app.browser.snapshot()
      const { accessToken } = await app.session()
      expect(await inComponent(app, (auth) => auth.getAccessToken(), old)).toBe(accessToken)
    })
  })

  describe('bad input', () => {
    it.each(['', 'x', 'a.b.c.d.e', 'ey'.repeat(9_000), '%E0%A4%A'])(
      'X3: the cookie %j is signed out',
      async (value) => {
        const app = await world.signedIn()
        const cookies = `${version.cookie}=${value}; ${version.cookie}.0=${value}`
        expect(await inHandler(app, async (auth) => (await auth.ready()).status, { cookies })).toBe('signedOut')
      },
    )

    it('a cookie made with another secret is signed out, and is not deleted', async () => {
      const app = await world.signedIn()
      const sessions = world.sessions({ secret: 'of another app' })
      expect(await inHandler(app, async (auth) => (await auth.ready()).status, { sessions })).toBe('signedOut')
      expect(app.browser.names(version.cookie)).toEqual([version.cookie])
    })

    it('of several secrets each reads, and the first writes', async () => {
      const app = await world.signedIn()
      const sessions = world.sessions({
        secret: ['a new one', ...[version.options.secret].flat()].filter((one) => one !== undefined),
      })
      expect((await inHandler(app, (auth) => auth.fetch('/users'), { sessions })).status).toBe(200)
      const renewed = world.sessions({ secret: 'a new one' })
      expect(await inHandler(app, async (auth) => (await auth.ready()).status, { sessions: renewed })).toBe('signedIn')
    })

    it("the other version's cookie is signed out", async () => {
      const other = versions.find(({ name }) => name !== version.name) ?? expect.unreachable()
      const app = await nextAuthWorld(other).signedIn()
      expect(await inHandler(app, async (auth) => (await auth.ready()).status)).toBe('signedOut')
    })
  })

  it('outside of a request, Next says so', async () => {
    await expect(world.sessions().forRequest()).rejects.toThrow(/request scope/)
  })

  it('with cookies of its own it works outside of Next', async () => {
    const app = await world.signedIn()
    const cookies = app.browser
      .snapshot()
      .split('; ')
      .map((pair) => {
        const at = pair.indexOf('=')
        return { name: pair.slice(0, at), value: pair.slice(at + 1) }
      })
    const set = new Map<string, string>()
    const jar = { getAll: () => cookies, set: (name: string, value: string) => set.set(name, value) }
    const auth = await world.sessions().forRequest({ cookies: jar })
    expect((await auth.fetch('/users')).status).toBe(200)
    expect([...set.keys()]).toEqual([version.cookie])
    const readOnly = await world.sessions().forRequest({ cookies: { getAll: () => [] } })
    expect((await readOnly.ready()).status).toBe('signedOut')
  })
})
