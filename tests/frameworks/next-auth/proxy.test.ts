import type { NextAuthServerOptions, OwnProxy } from 'tokenflight/next-auth/server'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryGraceStore } from '../../../src/sharing/grace-store'
import { type NextAuthApp, versions } from '../../support/next-auth-apps'
import { type NextAuthWorld, nextAuthWorld, user } from '../../support/next-auth-world'
import { cookies, inNext, NextRequest, NextResponse } from '../../support/next-request'

/** The headers that Next gives to what comes after proxy.ts. */
function forwarded({ headers }: Response): Headers {
  const names = headers.get('x-middleware-override-headers')?.split(',') ?? []
  return new Headers(Object.fromEntries(names.map((name) => [name, headers.get(`x-middleware-request-${name}`) ?? ''])))
}

describe.each(versions)('proxy with next-auth $name', (version) => {
  let world: NextAuthWorld
  beforeEach(() => {
    world = nextAuthWorld(version)
  })

  interface Asked {
    readonly path?: string
    readonly headers?: Record<string, string>
    readonly own?: OwnProxy
    readonly cookies?: string
    readonly options?: Partial<NextAuthServerOptions>
  }
  async function ask(app: NextAuthApp, { path = '/page', headers = {}, own, cookies, options }: Asked = {}) {
    const request = new NextRequest(app.browser.request(path, { headers }, cookies))
    const response = await world.sessions(options).proxy(request, own)
    app.browser.keep(response.headers.getSetCookie())
    return response
  }

  it('refreshes ahead, and writes the cookie for the components and for the browser', async () => {
    const app = await world.signedIn()
    const response = await ask(app)
    expect(response.headers.get('x-middleware-next')).toBe('1')
    const cookies = forwarded(response).get('cookie') ?? expect.unreachable()
    expect(cookies).toContain(
      app.browser
        .snapshot()
        .split('; ')
        .find((pair) => pair.startsWith(version.cookie)),
    )
    const { result } = await inNext('component', app.browser.request('/page', {}, cookies), async () =>
      (await world.sessions().forRequest()).fetch('/users'),
    )
    expect(result.status).toBe(200)
    await app.session()
    expect(world.server.counts).toMatchObject({ tokenRequests: 1, refreshes: 1, familiesRevoked: 0 })
  })

  it.each<[string, OwnProxy | undefined]>([
    ['passes on', undefined],
    ['redirects', ({ url }) => NextResponse.redirect(new URL('/login', url))],
    ['answers by itself', () => Response.json({})],
  ])('F4: the browser goes on with the new refresh token, also without a grace time, where it %s', async (_, own) => {
    const app = await world.signedIn(world.sessions({ graceMs: 0 }))
    await ask(app, { options: { graceMs: 0 }, ...(own && { own }) })
    expect(world.server.counts.refreshes).toBe(1)
    await app.update({ tokenflight: { refresh: 'forced' } })
    expect(world.server.counts).toMatchObject({ refreshes: 2, familiesRevoked: 0 })
  })

  it('F4: asks nothing in the Edge runtime, which shares no memory with the routes, unless there is a store', async () => {
    const app = await world.signedIn()
    vi.stubGlobal('EdgeRuntime', 'edge-runtime')
    onTestFinished(() => void vi.unstubAllGlobals())
    await expect(ask(app)).rejects.toMatchObject({ code: 'AUTH_CONFIGURATION' })
    expect(world.server.counts.tokenRequests).toBe(0)
    await ask(app, { options: { store: memoryGraceStore() } })
    expect(world.server.counts.refreshes).toBe(1)
  })

  it('E2: refreshes a token that will expire soon', async () => {
    const app = await world.signedIn(world.sessions(), {
      authorize: () => ({ ...user(world.server, true), accessTokenExpiry: undefined, expiresIn: 300 }),
    })
    await ask(app)
    expect(world.server.counts.refreshes).toBe(0)
    await ask(app, { options: { refreshAheadMs: 250_000, clock: later(230_000) } })
    expect(world.server.counts.refreshes).toBe(1)
  })

  it('H5: five page loads with one old cookie make one refresh', async () => {
    const app = await world.signedIn()
    const cookies = app.browser.snapshot()
    await Promise.all(Array.from({ length: 5 }, () => ask(app, { cookies })))
    expect(world.server.counts).toMatchObject({ tokenRequests: 1, familiesRevoked: 0 })
  })

  it('writes one cookie where there were three chunks, to both', async () => {
    const app = await world.signedIn(world.sessions(), {
      authorize: () => ({ ...user(world.server, false), accessToken: 'x'.repeat(7_000) }),
    })
    const response = await ask(app)
    expect(app.browser.names(version.cookie)).toEqual([version.cookie])
    expect(forwarded(response).get('cookie')).not.toContain(`${version.cookie}.`)
    expect(forwarded(response).get('cookie')).toContain(`${version.cookie}=`)
  })

  it.each([
    { what: 'a prefetch of the router', headers: { 'next-router-prefetch': '1' } },
    { what: 'a prefetch of the browser', headers: { 'sec-purpose': 'prefetch;prerender' } },
    { what: 'an older browser’s', headers: { purpose: 'prefetch' } },
    { what: 'a prefetch of the pages router', headers: { 'x-middleware-prefetch': '1' } },
    { what: 'next-auth’s own route', path: '/api/auth/session' },
    { what: 'a script', path: '/_next/static/chunk.js' },
  ])('refreshes nothing for $what', async ({ headers = {}, path = '/page' }) => {
    const app = await world.signedIn()
    const before = app.browser.snapshot()
    const own = vi.fn(() => undefined)
    await ask(app, { headers, path, own })
    expect(world.server.counts.tokenRequests).toBe(0)
    expect(app.browser.snapshot()).toBe(before)
    expect(own).toHaveBeenCalledTimes(1)
  })

  it('takes from the request what only Next’s own parts may say', async () => {
    const app = await world.signedIn()
    const seen: string[] = []
    const response = await ask(app, {
      headers: { 'x-middleware-subrequest': 'proxy:proxy', 'x-middleware-set-cookie': 'a=b', 'x-mine': '1' },
      own: (request) => void seen.push(...request.headers.keys()),
    })
    expect(seen).toContain('x-mine')
    expect([...seen, ...forwarded(response).keys()].filter((name) => name.startsWith('x-middleware-'))).toEqual([])
  })

  describe('with a proxy of the app’s own', () => {
    it('which sees the new cookie, and lets the request through', async () => {
      const app = await world.signedIn()
      const seen = vi.fn((request: NextRequest) => request.cookies.get(version.cookie)?.value)
      const response = await ask(app, { own: (request) => void seen(request) })
      expect(app.browser.snapshot()).toContain(`${version.cookie}=${seen.mock.results[0]?.value}`)
      expect(forwarded(response).get('cookie')).toContain(`${version.cookie}=${seen.mock.results[0]?.value}`)
    })

    it('which redirects: the browser gets the cookie all the same', async () => {
      const app = await world.signedIn()
      const response = await ask(app, { own: ({ url }) => NextResponse.redirect(new URL('/login', url)) })
      expect(response.status).toBe(307)
      expect(response.headers.has('x-middleware-override-headers')).toBe(false)
      await app.session()
      expect(world.server.counts).toMatchObject({ tokenRequests: 1, familiesRevoked: 0 })
    })

    it('which rewrites, and sets a cookie and a header of its own', async () => {
      const app = await world.signedIn()
      const response = await ask(app, {
        own({ url }) {
          const rewritten = NextResponse.rewrite(new URL('/beta', url), { headers: { 'x-own': '1' } })
          rewritten.cookies.set('beta', 'yes')
          return rewritten
        },
      })
      expect(response.headers.get('x-middleware-rewrite')).toContain('/beta')
      expect(response.headers.get('x-own')).toBe('1')
      expect(app.browser.names('beta')).toEqual(['beta'])
      expect(forwarded(response).get('cookie')).toContain(version.cookie)
      await app.session()
      expect(world.server.counts).toMatchObject({ tokenRequests: 1, familiesRevoked: 0 })
    })

    it('which changes the request’s headers', async () => {
      const app = await world.signedIn()
      const response = await ask(app, {
        own(request) {
          const headers = new Headers(request.headers)
          headers.set('x-tenant', 'blue')
          return NextResponse.next({ request: { headers } })
        },
      })
      expect(forwarded(response).get('x-tenant')).toBe('blue')
      const cookie = app.browser
        .snapshot()
        .split('; ')
        .find((pair) => pair.startsWith(version.cookie))
      expect(forwarded(response).get('cookie')).toContain(cookie)
    })

    it('which answers by itself, with a plain response', async () => {
      const app = await world.signedIn()
      const response = await ask(app, { own: () => Response.json({ closed: true }, { status: 503 }) })
      expect([response.status, await response.json()]).toEqual([503, { closed: true }])
      expect(response.headers.get('set-cookie')).toContain(version.cookie)
    })

    it('which sets cookies by next/headers, whereupon Next drops those of the response', async () => {
      const app = await world.signedIn()
      const { setCookie } = await inNext('handler', app.browser.request('/page'), (request) =>
        world.sessions().proxy(request, async () => {
          const jar = await cookies()
          jar.set('locale', 'de')
          return undefined
        }),
      )
      expect(setCookie.map((cookie) => cookie.split('=')[0]).sort()).toEqual([version.cookie, 'locale'].sort())
    })

    it('which throws: its error is the app’s', async () => {
      const app = await world.signedIn()
      await expect(ask(app, { own: () => Promise.reject(new Error('own')) })).rejects.toThrow('own')
    })
  })

  it('F5: an outage lets the request through with the cookie it has', async () => {
    const app = await world.signedIn()
    const before = app.browser.snapshot()
    world.server.faults.token.always({ status: 503 })
    const response = await ask(app)
    expect(response.headers.get('x-middleware-next')).toBe('1')
    expect(app.browser.snapshot()).toBe(before)
  })

  it('F6: a rejection is in the cookie that the components see', async () => {
    const app = await world.signedIn()
    world.server.revokeUser('user')
    await ask(app)
    expect(await app.session()).toMatchObject({ error: 'RefreshTokenRejected' })
  })

  it('H5: a request from before a sign-out brings no session back', async () => {
    const app = await world.signedIn()
    const cookies = app.browser.snapshot()
    await app.signOut()
    const response = await ask(app, { cookies })
    expect(app.browser.names(version.cookie)).toEqual([])
    expect(forwarded(response).get('cookie')).not.toContain(version.cookie)
  })

  it('without a session there is nothing to do', async () => {
    const app = await world.signedIn()
    const response = await ask(app, { cookies: `${version.cookie}=nonsense; a=b` })
    expect(response.headers.getSetCookie()).toEqual([])
    expect(response.headers.get('x-middleware-next')).toBe('1')
    expect(response.headers.has('x-middleware-override-headers')).toBe(false)
  })
})

const later = (ms: number) => ({
  now: () => Date.now() + ms,
  monotonic: () => performance.now(),
  after(delay: number, task: () => void) {
    const timer = setTimeout(task, delay)
    return () => clearTimeout(timer)
  },
})
