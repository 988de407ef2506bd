import { describe, expect, it } from 'vitest'
import type { Kind } from './page'
import { driver, startTabs, type Tab } from './tabs'

const world = startTabs()

const oneFamily = { reused: 0, familiesRevoked: 0, rejected: 0 }
const all = (tabs: readonly Tab[], count: number): Promise<(number | string)[]> =>
  Promise.all(tabs.map((tab) => tab.storm(count))).then((statuses) => statuses.flat())
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

describe('webStorage in localStorage', () => {
  const kind: Kind = 'local'

  it.each([2, 5])('H2: %i tabs whose requests are refused together make one refresh', async (count) => {
    const { server, openAll } = await world()
    const tabs = await openAll(count, { kind })
    await tabs[0]?.signIn('alice')
    await Promise.all(tabs.map((tab) => tab.until('signedIn')))
    for (let expiry = 1; expiry <= 3; expiry += 1) {
      server.refuseAccessTokens()
      expect(await all(tabs, 4)).toEqual(times(count * 4, 200))
      expect(server.counts).toMatchObject({ refreshes: expiry, tokenRequests: expiry, ...oneFamily })
    }
  })

  it.each([60, 90])('H2: one refresh, also when the server answers at %i percent of the deadline', async (percent) => {
    const { server, openAll } = await world()
    const refreshTimeoutMs = 3_000
    const tabs = await openAll(3, { kind, refreshTimeoutMs })
    await tabs[0]?.signIn('alice')
    await Promise.all(tabs.map((tab) => tab.until('signedIn')))
    server.refuseAccessTokens()
    server.faults.token.next({ delayMs: (refreshTimeoutMs * percent) / 100 })
    expect(await all(tabs, 2)).toEqual(times(6, 200))
    expect(server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
  })

  it('H3: a tab that is closed in the middle of its refresh leaves it to the next', async () => {
    const { server, openAll } = await world()
    const [first, second] = await openAll(2, { kind })
    await first?.signIn('alice')
    await second?.until('signedIn')
    server.refuseAccessTokens()
    const gate = server.holdTokenRequests()
    const lost = first?.storm(1).catch(() => 'closed')
    await gate.arrived()
    const waiting = second?.storm(2)
    await first?.page.close()
    expect(await lost).toBe('closed')
    await gate.arrived(2)
    await expect.poll(() => gate.waiting).toBe(1)
    gate.release()
    expect(await waiting).toEqual([200, 200])
    expect(server.counts).toMatchObject({ refreshes: 1, ...oneFamily })
  })

  it('H3: of three tabs that wait for a frozen one, one refreshes; thawed, it takes what they have', async () => {
    const { server, openAll } = await world()
    const refreshTimeoutMs = 3_000
    const tabs = await openAll(4, { kind, refreshTimeoutMs })
    const [frozen, ...others] = tabs
    await frozen?.signIn('alice')
    await Promise.all(tabs.map((tab) => tab.until('signedIn')))
    server.refuseAccessTokens()
    server.faults.token.next({ hang: true })
    const gate = server.holdTokenRequests()
    const thawing = frozen?.storm(1)
    await gate.arrived()
    gate.release()
    const frozenFor = frozen?.freeze(9_000)
    // the lock is waited for longer than a request waits; but the tokens reach a tab that began to wait a moment later in time
    const waited = await all(others, 2)
    expect(waited).toContain('AUTH_REFRESH_UNAVAILABLE')
    expect(waited.filter((it) => it !== 'AUTH_REFRESH_UNAVAILABLE' && it !== 200)).toEqual([])
    expect(await all(others, 2)).toEqual(times(6, 200))
    expect(server.counts).toMatchObject({ refreshes: 1, tokenRequests: 2, ...oneFamily })
    await frozenFor
    await thawing
    expect(await frozen?.storm(1)).toEqual([200])
    expect(server.counts).toMatchObject({ refreshes: 1, tokenRequests: 2, ...oneFamily })
  }, 40_000)

  it('F5: a refresh that hangs to the deadline is not asked for again by those who waited for it', async () => {
    const { server, openAll } = await world()
    const tabs = await openAll(3, { kind, refreshTimeoutMs: 4_000 })
    const [first, ...others] = tabs
    await first?.signIn('alice')
    await Promise.all(tabs.map((tab) => tab.until('signedIn')))
    server.refuseAccessTokens()
    server.faults.token.next({ hang: true })
    const gate = server.holdTokenRequests()
    const hanging = first?.storm(1)
    await gate.arrived()
    gate.release()
    const waiting = all(others, 2)
    await expect.poll(() => server.counts.api.refused).toBe(5)
    expect([await hanging, await waiting].flat()).toEqual(times(5, 'AUTH_REFRESH_UNAVAILABLE'))
    expect(server.counts).toMatchObject({ tokenRequests: 1, ...oneFamily })
    for (const tab of tabs) await expect.poll(() => tab.said()).toContain('refreshFailed')
    expect(await all(tabs, 1)).toEqual([200, 200, 200])
    expect(server.counts).toMatchObject({ tokenRequests: 2, refreshes: 1, ...oneFamily })
  }, 40_000)

  it('H4: sign-out and another user’s sign-in reach the other tabs', async () => {
    const { openAll } = await world()
    const [first, second] = await openAll(2, { kind })
    await first?.signIn('alice')
    await second?.until('signedIn')
    await second?.signIn('bob')
    await expect.poll(() => first?.accessToken()).toBe(await second?.accessToken())
    expect(await first?.said()).toContain('replaced')
    await first?.signOut()
    await second?.until('signedOut')
    expect(await second?.said()).toContain('signedOutElsewhere')
  })

  it('H2: without Web Locks tabs still take the tokens of another one that was faster', async () => {
    const { server, openAll } = await world()
    const [first, second] = await openAll(2, { kind, withoutWebLocks: true })
    await first?.signIn('alice')
    await second?.until('signedIn')
    server.refuseAccessTokens()
    expect(await first?.storm(2)).toEqual([200, 200])
    expect(await second?.storm(2)).toEqual([200, 200])
    expect(server.counts).toMatchObject({ refreshes: 1, ...oneFamily })
  })
})

describe('webStorage in sessionStorage', () => {
  const kind: Kind = 'session'

  it('H2: a duplicated tab does not spend the refresh token a second time: its copy is signed out', async () => {
    const { server, context, open } = await world()
    const tab = await open({ kind })
    await tab.signIn('alice')
    const [page] = await Promise.all([context.waitForEvent('page'), tab.page.evaluate(() => void window.open('/'))])
    await page.waitForLoadState()
    const copy = driver(page)
    await copy.start({ kind })
    expect(await copy.accessToken()).toBe(await tab.accessToken())
    server.refuseAccessTokens()
    await Promise.all([tab.storm(3), copy.storm(3)])
    expect(server.counts).toMatchObject({ refreshes: 1, ...oneFamily })
    expect([await tab.ready(), await copy.ready()].sort()).toEqual(['signedIn', 'signedOut'])
    const survivor = (await tab.ready()) === 'signedIn' ? tab : copy
    server.refuseAccessTokens()
    expect(await survivor.storm(2)).toEqual([200, 200])
    expect(server.counts).toMatchObject({ refreshes: 2, ...oneFamily })
  })

  it('H4: a sign-out reaches the duplicate; a tab with a session of its own keeps it', async () => {
    const { context, open } = await world()
    const tab = await open({ kind })
    const own = await open({ kind })
    await tab.signIn('alice')
    await own.signIn('bob')
    const [page] = await Promise.all([context.waitForEvent('page'), tab.page.evaluate(() => void window.open('/'))])
    await page.waitForLoadState()
    const copy = driver(page)
    await copy.start({ kind })
    expect(await copy.ready()).toBe('signedIn')
    await tab.signOut()
    await copy.until('signedOut')
    expect(await own.storm(1)).toEqual([200])
  })
})

describe('tabStorage with a refresh cookie', () => {
  const kind: Kind = 'tab'
  const byCookie = { refreshTokenIn: 'cookie' } as const

  it.each([2, 5])('S6: %i tabs share the cookie, and refresh one after another', async (count) => {
    const { server, openAll } = await world(byCookie)
    const tabs = await openAll(count, { kind })
    await tabs[0]?.signIn('alice')
    await Promise.all(tabs.map((tab) => tab.until('signedIn')))
    expect(await all(tabs, 1)).toEqual(times(count, 200))
    const before = server.counts.refreshes
    server.refuseAccessTokens()
    expect(await all(tabs, 3)).toEqual(times(count * 3, 200))
    expect(server.counts).toMatchObject({ refreshes: before + count, ...oneFamily })
  })

  it('S2: a reloaded tab is signed in, with the same session', async () => {
    const { server, openAll } = await world(byCookie)
    const [first, second] = await openAll(2, { kind })
    await first?.signIn('alice')
    await second?.until('signedIn')
    await first?.page.reload()
    await first?.start({ kind })
    expect(await first?.ready()).toBe('signedIn')
    expect(await second?.said()).not.toContain('signedOut')
    expect(server.counts).toMatchObject(oneFamily)
  })

  it('H4: sign-out and another user’s sign-in reach the other tabs, and nothing is asked after a sign-out', async () => {
    const { server, openAll, open } = await world(byCookie)
    const [first, second] = await openAll(2, { kind })
    await first?.signIn('alice')
    await second?.until('signedIn')
    await second?.signIn('bob')
    await expect.poll(() => first?.said()).toContain('replaced')
    expect(await first?.ready()).toBe('signedIn')
    await first?.signOut()
    await second?.until('signedOut')
    const asked = server.counts.tokenRequests
    const third = await open({ kind })
    expect(await third.ready()).toBe('signedOut')
    expect(server.counts.tokenRequests).toBe(asked)
  })
})
