import type { APIResponse } from 'playwright-core'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Scene, Stage } from './stage'
import type { NextServer } from './start-next'
import type { Visitor } from './visitor'

const lifetimeMs = 300_000
const queries = 5
const isSome = (count: number): boolean => count > 0

type SignedIn = Scene & { readonly visitor: Visitor }

/** The table's rows with the pattern that most apps copy: each shows how the session is lost. */
export function tutorialRows(
  build: () => Promise<{ readonly stage: Stage; readonly servers: { readonly home: string; readonly app: string } }>,
): void {
  let stage: Stage
  let first: NextServer
  let second: NextServer
  beforeAll(async () => {
    const built = await build()
    stage = built.stage
    const start = () => stage.start({ ...built.servers, env: {} })
    ;[first, second] = await Promise.all([start(), start()])
  })

  async function begin(accessTokenTtlMs: number): Promise<Scene> {
    const scene = await stage.begin(first, { accessTokenTtlMs })
    onTestFinished(() => scene.end())
    return scene
  }

  async function signedIn(): Promise<SignedIn> {
    const scene = await begin(lifetimeMs)
    const visitor = await scene.open('/login')
    await visitor.signIn()
    expect(await visitor.settled()).toBe(queries)
    // each getSession() has the provider ask once more
    await visitor.page.waitForLoadState('networkidle')
    expect(scene.server.counts).toMatchObject({ refreshes: 0, familiesRevoked: 0 })
    return { ...scene, visitor }
  }

  /** The access token has expired, and no page is open that would send requests beside the test's own. */
  async function expired(): Promise<Scene> {
    const { visitor, ...scene } = await signedIn()
    await visitor.page.close()
    await scene.pass(lifetimeMs)
    return scene
  }

  /** Requests with the browser's cookies, sent together. */
  const ask = ({ context }: Scene, ...urls: readonly string[]): Promise<APIResponse[]> =>
    Promise.all(urls.map((url) => context.request.get(url)))

  /** What next-auth's `signOut()` sends. */
  async function signOut({ context }: Scene): Promise<void> {
    const { csrfToken } = await (await context.request.get(`${first.url}/api/auth/csrf`)).json()
    const form = { csrfToken, callbackUrl: first.url, json: 'true' }
    await context.request.post(`${first.url}/api/auth/signout`, { form, maxRedirects: 0 })
    expect((await context.cookies()).map(({ name }) => name)).not.toContainEqual(expect.stringMatching('session-token'))
  }

  const sessionUrl = (): string => `${first.url}/api/auth/session`

  /** A refresh token was used twice, and the API refuses whatever the family has left. */
  async function expectLost({ server }: Scene): Promise<void> {
    await expect.poll(() => server.counts).toMatchObject({ familiesRevoked: 1, reused: expect.toSatisfy(isSome) })
    await expect.poll(() => server.counts.api.refused).toSatisfy(isSome)
  }

  /** The session is over: whoever opens the dashboard is sent to the login. */
  async function expectSentToLogin({ open }: Scene): Promise<void> {
    const { page } = await open('/dashboard')
    await page.waitForURL(`${first.url}/login`)
  }

  it('getSession() in each queryFn: several refreshes at once, the family is revoked, queries fail', async () => {
    const scene = await signedIn()
    await scene.pass(lifetimeMs)
    await scene.visitor.click('Refetch all')
    await expectLost(scene)
  })

  it('a route handler: a refresh for each request, the family is revoked', async () => {
    const scene = await expired()
    const together = scene.server.holdTokenRequests()
    const answers = ask(scene, ...Array(queries).fill(`${first.url}/api/report`))
    await together.arrived(queries)
    together.release()
    expect((await answers).map((it) => it.status())).toEqual(Array(queries).fill(401))
    expect(scene.server.counts).toMatchObject({ familiesRevoked: 1 })
  })

  it('two tabs with five queries each: the family is revoked', async () => {
    const scene = await signedIn()
    const other = await scene.open('/dashboard')
    expect(await other.settled()).toBe(queries)
    await Promise.all([scene.visitor, other].map(({ page }) => page.waitForLoadState('networkidle')))
    await scene.pass(lifetimeMs)
    await Promise.all([scene.visitor.click('Refetch all'), other.click('Refetch all')])
    await expectLost(scene)
  })

  it('one page load with a server component, nothing concurrent: the rotated token is lost, a reload is signed out', async () => {
    const scene = await expired()
    await scene.open('/report')
    await expect.poll(() => scene.server.counts.familiesRevoked).toBe(1)
    await expectSentToLogin(scene)
  })

  it('two server processes: each refreshes, the family is revoked', async () => {
    const scene = await expired()
    const together = scene.server.holdTokenRequests()
    const answers = ask(scene, `${first.url}/api/report`, `${second.url}/api/report`)
    await together.arrived(2)
    together.release()
    await answers
    expect(scene.server.counts).toMatchObject({ familiesRevoked: 1 })
  })

  it('a refetchInterval of 30 days: the timer overflows, and the session is asked for without a pause', async () => {
    const { context, open } = await begin(30 * 86_400_000)
    let sessionRequests = 0
    context.on('request', (request) => {
      if (request.url().endsWith('/api/auth/session')) sessionRequests += 1
    })
    const visitor = await open('/login')
    await visitor.signIn()
    await expect.poll(() => sessionRequests).toBeGreaterThan(50)
  })

  it('one transient 503 on refresh: the error sticks, and signs the user out of a session that is alive', async () => {
    const scene = await expired()
    scene.server.faults.token.always({ status: 503 })
    const [failed] = await ask(scene, sessionUrl())
    expect(await failed?.json()).toMatchObject({ error: 'RefreshAccessTokenError' })
    scene.server.faults.token.clear()
    const [later] = await ask(scene, sessionUrl())
    expect(scene.server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0 })
    expect(await later?.json()).toMatchObject({ error: 'RefreshAccessTokenError' })
    await expectSentToLogin(scene)
  })

  it('signOut() while a session request is in flight: the session comes back', async () => {
    const scene = await expired()
    const held = scene.server.holdTokenRequests({ afterActing: true })
    const late = ask(scene, sessionUrl())
    await held.arrived()
    await signOut(scene)
    held.release()
    await late
    const [session] = await ask(scene, sessionUrl())
    expect(await session?.json()).toMatchObject({ user: { name: 'demo' } })
  })

  it("react-query's background refetch after idle: the family is revoked", async () => {
    const scene = await signedIn()
    await scene.pass(8 * 3_600_000)
    await scene.visitor.page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
    await expectLost(scene)
  })
}
