import type { APIResponse } from 'playwright-core'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import type { FakeAuthorizationServerOptions } from '../../src/testing'
import { deferred } from '../support/deferred'
import { startRedis } from '../support/redis-server'
import type { Scene, Stage } from './stage'
import type { NextServer } from './start-next'
import { startTlsFront } from './tls-front'
import type { Visitor } from './visitor'

const lifetimeMs = 300_000
const queries = 5
const rounds = [1, 2]

type SignedIn = Scene & { readonly visitor: Visitor }

interface Built {
  readonly stage: Stage
  readonly servers: { readonly home: string; readonly app: string }
}

/** The same rows with the example's app: one refresh, every query succeeds, nobody is signed out; and once more after that. */
export function sessionRows(build: () => Promise<Built>): void {
  let built: Built
  let next: NextServer
  beforeAll(async () => {
    built = await build()
    next = await built.stage.start({ ...built.servers, env: {} })
  })

  async function begin(options?: FakeAuthorizationServerOptions, at = next): Promise<Scene> {
    const scene = await built.stage.begin(at, { accessTokenTtlMs: lifetimeMs, ...options })
    onTestFinished(() => scene.end())
    return scene
  }
  async function signedIn(options?: FakeAuthorizationServerOptions, at = next): Promise<SignedIn> {
    const scene = await begin(options, at)
    const visitor = await scene.open('/login')
    await visitor.signIn()
    expect(await visitor.settled()).toBe(queries)
    return { ...scene, visitor }
  }
  /** Requests with the browser's cookies, sent together. */
  const ask = ({ context }: Scene, ...urls: readonly string[]): Promise<APIResponse[]> =>
    Promise.all(urls.map((url) => context.request.get(url)))
  const statuses = async (answers: Promise<APIResponse[]>): Promise<number[]> =>
    (await answers).map((answer) => answer.status())

  function expectRefreshes({ server }: Scene, refreshes: number): void {
    expect(server.counts).toMatchObject({ refreshes, rejected: 0, reused: 0, familiesRevoked: 0 })
  }
  /** Empty ones count as deleted: next-auth reads them so. */
  const sessionCookies = async ({ context }: Scene): Promise<string[]> =>
    (await context.cookies())
      .filter(({ name, value }) => name.includes('session-token') && value !== '')
      .map(({ name }) => name)

  it("the login waits for the page's session request, whose CSRF token would replace its own", async () => {
    const scene = await begin()
    const asked = deferred<void>()
    await scene.context.route('**/api/auth/session', (route) => asked.promise.then(() => route.continue()))
    const { page } = await scene.open('/login')
    const button = page.getByRole('button', { name: 'Sign in' })
    expect(await button.isDisabled()).toBe(true)
    await page.getByLabel('Password').fill('any')
    asked.resolve()
    await button.click()
    await page.waitForURL(`${next.url}/dashboard`)
  })

  it('F1, E2: queries that meet an expired token make one refresh, and all succeed', async () => {
    const scene = await signedIn()
    for (const round of rounds) {
      await scene.pass(lifetimeMs)
      expect(await scene.visitor.refetch()).toBe(queries)
      expectRefreshes(scene, round)
    }
  })

  it("R1, R3: refused in JwtBearer's words, as JSON of one's own or as a 500, the queries make one refresh", async () => {
    const scene = await signedIn()
    for (const round of rounds) {
      scene.server.expireAccessTokens()
      expect(await scene.visitor.refetch()).toBe(queries)
      expectRefreshes(scene, round)
    }
    expect(scene.server.counts.api.refused).toBeGreaterThanOrEqual(2 * queries)
  })

  it('B1: a mutation that is refused is sent again, body and all', async () => {
    const { server, visitor } = await signedIn()
    server.expireAccessTokens()
    await visitor.page.getByLabel('Note').fill('kept')
    await visitor.click('Add')
    await visitor.page.getByText('kept demo').waitFor()
    expect(server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
  })

  it('H5: a route handler refreshes once for all requests with the same cookie, and the page takes that token', async () => {
    const scene = await signedIn()
    for (const round of rounds) {
      await scene.pass(lifetimeMs)
      const answers = ask(scene, ...Array<string>(queries).fill(`${next.url}/api/orders`))
      expect(await statuses(answers)).toEqual(Array(queries).fill(200))
      expect(await scene.visitor.refetch()).toBe(queries)
      expectRefreshes(scene, round)
    }
  })

  it('H2: two tabs with five queries each make one refresh', async () => {
    const scene = await signedIn()
    const other = await scene.open('/dashboard')
    expect(await other.settled()).toBe(queries)
    for (const round of rounds) {
      await scene.pass(lifetimeMs)
      expect(await Promise.all([scene.visitor.refetch(), other.refetch()])).toEqual([queries, queries])
      expectRefreshes(scene, round)
    }
  })

  it('H5: one page load with a server component makes one refresh, whose cookie reaches the browser', async () => {
    const scene = await signedIn()
    await scene.visitor.page.close()
    for (const round of rounds) {
      await scene.pass(lifetimeMs)
      const { page } = await scene.open('/server')
      expect(await page.locator('[data-rendered=server]').textContent()).toContain('12 orders')
      await page.goto(`${next.url}/dashboard`)
      await page.locator('[data-query=orders][data-status=success]').waitFor()
      expectRefreshes(scene, round)
      await page.close()
    }
  })

  it('H5: two server processes that share Redis make one refresh', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const env = { REDIS_URL: redis.url }
    const start = () => built.stage.start({ ...built.servers, env })
    const [here, there] = await Promise.all([start(), start()])
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}))
    const scene = await signedIn(undefined, here)
    for (const round of rounds) {
      await scene.pass(lifetimeMs)
      const urls = [here, there, here, there].map(({ url }) => `${url}/api/orders`)
      expect(await statuses(ask(scene, ...urls))).toEqual([200, 200, 200, 200])
      expect(await scene.visitor.refetch()).toBe(queries)
      expectRefreshes(scene, round)
    }
  })

  it('E5: with tokens of 30 days the session is asked for a few times, not without a pause', async () => {
    const month = 30 * 86_400_000
    const scene = await begin({ accessTokenTtlMs: month })
    let sessionRequests = 0
    scene.context.on('request', (request) => {
      if (request.url().endsWith('/api/auth/session')) sessionRequests += 1
    })
    const visitor = await scene.open('/login')
    await visitor.signIn()
    for (let count = 0; count < 5; count += 1) expect(await visitor.refetch()).toBe(queries)
    expect(sessionRequests).toBeLessThan(10)
    expectRefreshes(scene, 0)
  })

  it('F5: one transient 503 on refresh is not noticed by anybody', async () => {
    const scene = await signedIn()
    for (const round of rounds) {
      await scene.pass(lifetimeMs)
      scene.server.faults.token.next({ status: 503 })
      expect(await scene.visitor.refetch()).toBe(queries)
      expectRefreshes(scene, round)
    }
  })

  it('F5: an outage of the authorization server signs nobody out', async () => {
    const scene = await signedIn()
    await scene.visitor.page.close()
    await scene.pass(lifetimeMs)
    scene.server.faults.token.always({ status: 503 })
    const [answer] = await ask(scene, `${next.url}/api/auth/session`)
    const session = await answer?.json()
    expect(session).toMatchObject({ user: { name: 'demo' } })
    expect(session).not.toHaveProperty('error')
    scene.server.faults.token.clear()
    const visitor = await scene.open('/dashboard')
    expect(await visitor.settled()).toBe(queries)
    expectRefreshes(scene, 1)
  })

  it('F6: a session that the authorization server has ended leads to the login, once for all queries', async () => {
    const scene = await signedIn()
    scene.server.revokeUser('demo')
    await scene.pass(lifetimeMs)
    await scene.visitor.click('Refetch all')
    await scene.visitor.page.waitForURL(`${next.url}/login`)
    await expect.poll(() => sessionCookies(scene)).toEqual([])
    expect(scene.server.counts).toMatchObject({ refreshes: 0, rejected: 1 })
  })

  it('S4, F9: a sign-out while a refresh and a session request are in flight stays a sign-out, 5 of 5', async () => {
    for (let run = 0; run < 5; run += 1) {
      const scene = await signedIn()
      await scene.pass(lifetimeMs)
      const held = scene.server.holdTokenRequests({ afterActing: true })
      const late = scene.visitor.session()
      await scene.visitor.click('Refetch all')
      await held.arrived()
      await scene.visitor.click('Sign out')
      held.release()
      await late
      await scene.visitor.page.waitForURL(`${next.url}/login`)
      await expect.poll(() => sessionCookies(scene)).toEqual([])
      expect(await scene.visitor.session()).toSatisfy((session) => session === null || !('user' in session))
    }
  })

  it("F1: react-query's background refetch after hours of idleness makes one refresh", async () => {
    const scene = await signedIn()
    for (const round of rounds) {
      await scene.pass(8 * 3_600_000)
      await scene.visitor.page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
      await expect.poll(() => scene.server.counts.api.accepted).toBeGreaterThanOrEqual((round + 1) * queries)
      expect(await scene.visitor.settled()).toBe(queries)
      expectRefreshes(scene, round)
    }
  })

  it('X2: on https the cookies are __Secure-, for next-auth and for what is written beside it', async () => {
    const front = await startTlsFront()
    onTestFinished(() => front.close())
    const secured = await built.stage.start({ ...built.servers, env: {}, origin: front.url, port: front.port })
    onTestFinished(() => secured.stop())
    const scene = await signedIn(undefined, secured)
    for (const round of rounds) {
      await scene.pass(lifetimeMs)
      await scene.visitor.page.goto(`${secured.url}/server`)
      await scene.visitor.page.locator('[data-rendered=server]').waitFor()
      await scene.visitor.page.goto(`${secured.url}/dashboard`)
      expect(await scene.visitor.settled()).toBe(queries)
      expectRefreshes(scene, round)
    }
    const cookies = (await scene.context.cookies()).filter(({ name }) => name.includes('session-token'))
    expect(cookies).toEqual([
      expect.objectContaining({ name: expect.stringMatching(/^__Secure-/), secure: true, httpOnly: true }),
    ])
  })

  it('X2: a session cookie of three chunks becomes one cookie, and is read', async () => {
    let idToken = 'long'.repeat(2_000)
    const scene = await signedIn({
      answer: ({ access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn }) => ({
        ...{ accessToken, refreshToken, expiresIn, idToken },
      }),
    })
    expect(await sessionCookies(scene)).toHaveLength(3)
    idToken = 'short'
    await scene.pass(lifetimeMs)
    expect(await scene.visitor.refetch()).toBe(queries)
    expect(await sessionCookies(scene)).toEqual([expect.stringMatching(/session-token$/)])
    await scene.visitor.page.reload()
    expect(await scene.visitor.settled()).toBe(queries)
    expectRefreshes(scene, 1)
  })
}
