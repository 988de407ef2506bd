import { beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Scene, Stage } from './stage'
import type { NextServer } from './start-next'
import type { Visitor } from './visitor'

const lifetimeMs = 300_000
const queries = 5

/** What a new user tries first: the tutorial's app with the lines of docs/next-auth.md. */
export function migratedRows(
  build: () => Promise<{ readonly stage: Stage; readonly servers: { readonly home: string; readonly app: string } }>,
): void {
  let stage: Stage
  let next: NextServer
  beforeAll(async () => {
    const built = await build()
    stage = built.stage
    next = await stage.start({ ...built.servers, env: {} })
  })

  async function signedIn(): Promise<Scene & { readonly visitor: Visitor }> {
    const scene = await stage.begin(next, { accessTokenTtlMs: lifetimeMs })
    onTestFinished(() => scene.end())
    const visitor = await scene.open('/login')
    await visitor.signIn()
    expect(await visitor.settled()).toBe(queries)
    return { ...scene, visitor }
  }
  const expectRefreshes = ({ server }: Scene, refreshes: number): void =>
    expect(server.counts).toMatchObject({ refreshes, rejected: 0, reused: 0, familiesRevoked: 0 })

  it('R3: queries that meet an expired token make one refresh, and all succeed; and once more after that', async () => {
    const scene = await signedIn()
    for (const refreshes of [1, 2]) {
      await scene.pass(lifetimeMs)
      expect(await scene.visitor.refetch()).toBe(queries)
      expectRefreshes(scene, refreshes)
    }
  })

  it('H2: so do two tabs', async () => {
    const scene = await signedIn()
    const second = await scene.open('/dashboard')
    expect(await second.settled()).toBe(queries)
    await scene.pass(lifetimeMs)
    expect(await Promise.all([scene.visitor.refetch(), second.refetch()])).toEqual([queries, queries])
    expectRefreshes(scene, 1)
  })

  it('H5: so does a page load with a server component', async () => {
    const scene = await signedIn()
    await scene.pass(lifetimeMs)
    const { page } = await scene.open('/report')
    await page.locator('[data-report="200"]').waitFor()
    expect(await scene.visitor.refetch()).toBe(queries)
    expectRefreshes(scene, 1)
  })

  it('S4: a sign-out sends all tabs to the login, and stays one', async () => {
    const scene = await signedIn()
    const second = await scene.open('/dashboard')
    expect(await second.settled()).toBe(queries)
    await scene.visitor.click('Sign out')
    for (const { page } of [scene.visitor, second]) await page.waitForURL(`${next.url}/login`)
    const { page } = await scene.open('/dashboard')
    await page.waitForURL(`${next.url}/login`)
  })
}
