import { createNextAuthServer, type NextAuthServerOptions } from 'tokenflight/next-auth/server'
import { type FakeAuthorizationServer, fakeAuthorizationServer } from 'tokenflight/testing'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type AppOptions, type NextAuthApp, versions } from '../../support/next-auth-apps'
import { inNext } from '../../support/next-request'

let count = 0

describe.each(versions)('next-auth $name', (version) => {
  let server: FakeAuthorizationServer
  let onError: ReturnType<typeof vi.fn<(error: unknown) => void>>

  beforeEach(() => {
    vi.stubEnv('NEXTAUTH_URL', undefined)
    vi.stubEnv('AUTH_URL', undefined)
    // One process keeps what came of every refresh token, so no two tests may use the same.
    count += 1
    server = fakeAuthorizationServer({ tokenPrefix: `${version.name}-${count}-`, accessTokenTtlMs: 300_000 })
    onError = vi.fn()
  })

  const sessionsOf = (options: Partial<NextAuthServerOptions> = {}) =>
    createNextAuthServer({
      ...version.options,
      baseUrl: 'https://api.example',
      fetch: server.fetch,
      onError,
      refreshRetries: 0,
      refresh: ({ refreshToken, fetch, signal }) =>
        fetch('https://as.example/token', {
          method: 'POST',
          body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
          signal,
        }),
      ...options,
    })

  async function signedIn(
    sessions = sessionsOf(),
    options: Partial<AppOptions> = {},
    expired = true,
  ): Promise<NextAuthApp> {
    const app = version.start({
      sessions,
      authorize: () => {
        const { access_token, refresh_token } = server.signIn()
        const left = expired ? -1 : 300
        return {
          id: '1',
          name: 'Ada',
          accessToken: access_token,
          refreshToken: refresh_token,
          accessTokenExpiry: Date.now() + left * 1000,
        }
      },
      ...options,
    })
    await app.signIn()
    server.resetCounts()
    return app
  }

  it('H5: five session requests with one expired cookie make one refresh, and the family lives', async () => {
    const app = await signedIn()
    const requests = Array.from({ length: 5 }, () => app.browser.request('/api/auth/session'))
    const answers = await Promise.all(requests.map(async (request) => (await app.handle(request)).json()))
    expect(server.counts).toMatchObject({ tokenRequests: 1, refreshes: 1, familiesRevoked: 0 })
    const tokens = new Set(answers.map(({ accessToken }) => accessToken))
    expect(tokens.size).toBe(1)
  })

  it('H5: a request that comes late, with the cookie that was rotated away, gets the tokens that took its place', async () => {
    const app = await signedIn()
    const old = app.browser.snapshot()
    const { accessToken } = await app.session()
    const late = await (await app.handle(app.browser.request('/api/auth/session', {}, old))).json()
    expect(late).toMatchObject({ accessToken })
    expect(server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
  })

  it('shows the browser the access token, never the refresh token or the id token', async () => {
    const app = await signedIn(sessionsOf(), {}, false)
    expect(await app.session()).toEqual({
      user: { name: 'Ada' },
      expires: expect.any(String),
      accessToken: expect.any(String),
      accessTokenExpiry: expect.any(Number),
      accessTokenIssuedAt: expect.any(Number),
      sessionId: expect.any(String),
    })
    expect(server.counts.tokenRequests).toBe(0)
  })

  it('forRequest: a route handler refreshes and writes the cookie', async () => {
    const sessions = sessionsOf()
    const app = await signedIn(sessions)
    const { result, setCookie } = await inNext('handler', app.browser.request('/api/users'), async () =>
      (await sessions.forRequest()).fetch('/users'),
    )
    expect(result.status).toBe(200)
    app.browser.keep(setCookie)
    await app.session()
    expect(server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
  })

  it('forRequest: a server component refreshes nothing, and says so', async () => {
    const sessions = sessionsOf()
    const app = await signedIn(sessions)
    const { result } = await inNext('component', app.browser.request('/page'), async () =>
      (await sessions.forRequest()).fetch('/users').catch((error: unknown) => error),
    )
    expect(result).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(server.counts.tokenRequests).toBe(0)
  })
})
