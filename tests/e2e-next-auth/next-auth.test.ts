import { describe, expect, it } from 'vitest'
import { startTabs } from './tabs'

const world = startTabs()
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const unavailable = (): Response => new Response('', { status: 503 })

describe.each([4, 5] as const)('next-auth v%i', (version) => {
  describe('reading', () => {
    it('S2: reads the session once, then from memory', async () => {
      const { signedIn, count } = await world(version)
      const tab = await signedIn()
      expect((await tab.state()).status).toBe('signedIn')
      expect(await tab.storm(3)).toEqual([200, 200, 200])
      expect(count('GET /session')).toBe(1)
    })

    it('S2: an empty session is signed out, without a request more', async () => {
      const { open, requests } = await world(version)
      const tab = await open({})
      expect((await tab.state()).status).toBe('signedOut')
      expect(await tab.said()).toEqual([])
      expect(await tab.forceRefresh()).toBe('AUTH_UNAUTHENTICATED')
      expect(requests).toEqual(['GET /session'])
    })

    it.each([
      ['an outage', unavailable],
      [
        'an HTML page',
        () => new Response('<!doctype html><p>Be right back', { headers: { 'content-type': 'text/html' } }),
      ],
      ['a redirect', () => Response.redirect('http://localhost/', 302)],
      ['JSON that is no session', () => Response.json(['session'])],
    ])('S2: %s is unknown, and the next need reads again', async (_, answer) => {
      const { open, signedIn, failNext } = await world(version)
      await signedIn()
      failNext('GET /session', answer)
      const tab = await open()
      expect(await tab.restore({})).toBe('AUTH_STORAGE')
      expect((await tab.state()).status).toBe('restoring')
      expect(await tab.storm(1)).toEqual([200])
      expect(await tab.said()).toEqual(['storageError', 'signedIn'])
    })

    it('H4: a sign-in in this page is noticed, whoever makes it', async () => {
      const { open } = await world(version)
      const tab = await open({})
      await tab.nextAuthSignIn('alice')
      await tab.until('signedIn')
      expect(await tab.storm(1)).toEqual([200])
    })

    it('H4: who is told to look again waits until the session is read', async () => {
      const { open, context, url } = await world(version)
      const tab = await open({})
      // as a server action does: no page can see it
      const { csrfToken } = await (await context.request.get(`${url}/api/auth/csrf`)).json()
      const form = { csrfToken, user: 'alice' }
      await context.request.post(`${url}/api/auth/callback/credentials`, { form, maxRedirects: 0 })
      await tab.lookAgain()
      expect(await tab.storm(1)).toEqual([200])
    })

    it('F9: another user who signs in in another tab is another session', async () => {
      const { signedIn, open } = await world(version)
      const tab = await signedIn()
      const other = await open()
      await other.nextAuthSignIn('bob')
      await other.getSession()
      await expect.poll(() => tab.said()).toContain('signedOut replaced')
      expect((await tab.state()).status).toBe('signedIn')
      expect(await tab.accessToken()).toContain('2')
    })
  })

  describe('refreshing', () => {
    it('R3: five requests refused together make one POST session and one refresh', async () => {
      const { signedIn, authorization, count } = await world(version)
      const tab = await signedIn()
      for (const round of [1, 2]) {
        authorization.expireAccessTokens()
        expect(await tab.storm(5)).toEqual(times(5, 200))
        expect(count('POST /session')).toBe(round)
      }
      expect(count('GET /csrf')).toBe(2)
      expect(authorization.counts).toMatchObject({ refreshes: 2, reused: 0, familiesRevoked: 0 })
    })

    it('H2: two tabs whose requests are refused together make one refresh', async () => {
      const { signedIn, open, authorization, count } = await world(version)
      const tabs = [await signedIn(), await open({})]
      for (const round of [1, 2]) {
        authorization.expireAccessTokens()
        const statuses = await Promise.all(tabs.map((tab) => tab.storm(5)))
        expect(statuses.flat()).toEqual(times(10, 200))
        expect(count('POST /session')).toBe(round)
      }
      expect(authorization.counts).toMatchObject({ refreshes: 2, reused: 0, familiesRevoked: 0 })
    })

    it('F3: a tab that heard of nothing takes over what another one has refreshed', async () => {
      const { signedIn, open, authorization, count } = await world(version)
      const tab = await signedIn()
      const deaf = await open()
      await deaf.hearNothing()
      await deaf.restore({})
      authorization.expireAccessTokens()
      expect(await tab.storm(2)).toEqual([200, 200])
      expect(await deaf.storm(2)).toEqual([200, 200])
      expect(count('POST /session')).toBe(1)
      expect(authorization.counts).toMatchObject({ refreshes: 1, reused: 0 })
    })

    it('F4: waits for a reading that is under way in another tab, whose answer would put the old cookie back', async () => {
      const { signedIn, open, authorization, holdNext, requests, context, url } = await world(version)
      const tab = await signedIn()
      const reading = await open({})
      authorization.expireAccessTokens()
      const held = holdNext('GET /session')
      await reading.lookAgain()
      await held.arrived
      const statuses = tab.storm(2)
      await expect.poll(() => requests.filter((route) => route === 'GET /session').length).toBe(4)
      // time enough for what must not happen
      for (let n = 0; n < 20; n += 1) await context.request.get(`${url}/data/${n}`)
      expect(requests).not.toContain('POST /session')
      held.release()
      expect(await statuses).toEqual([200, 200])
      const later = await open({})
      expect(await later.storm(2)).toEqual([200, 200])
      expect(authorization.counts).toMatchObject({ refreshes: 1, reused: 0 })
    })

    it("F9: what a refresh brings of another user's session is not this one's", async () => {
      const { signedIn, open, authorization, holdNext } = await world(version)
      const tab = await signedIn()
      const other = await open()
      authorization.expireAccessTokens()
      const held = holdNext('GET /csrf')
      const statuses = tab.storm(2)
      await held.arrived
      await other.nextAuthSignIn('bob')
      held.release()
      expect(await statuses).toEqual([401, 401])
      expect(await tab.said()).toContain('signedOut replaced')
      expect(await tab.said()).not.toContain('refreshed')
      expect(await tab.storm(2)).toEqual([200, 200])
    })

    it('F3: a session that cannot be read under the lock is refreshed by nobody', async () => {
      const { signedIn, authorization, failNext, count } = await world(version)
      const tab = await signedIn()
      authorization.expireAccessTokens()
      failNext('GET /session', unavailable)
      expect(await tab.storm(2)).toEqual(times(2, 'AUTH_REFRESH_UNAVAILABLE'))
      expect(count('POST /session')).toBe(0)
      expect((await tab.state()).status).toBe('signedIn')
      expect(await tab.storm(2)).toEqual([200, 200])
    })

    it('F5: an outage of the session endpoint, or of the authorization server, signs nobody out', async () => {
      const { signedIn, authorization, failNext } = await world(version)
      const tab = await signedIn()
      authorization.expireAccessTokens()
      failNext('POST /session', unavailable)
      expect(await tab.storm(2)).toEqual(times(2, 'AUTH_REFRESH_UNAVAILABLE'))
      authorization.faults.token.next({ status: 503 })
      await tab.tab.reload()
      await tab.start()
      await tab.ready()
      expect(await tab.storm(2)).toEqual(times(2, 'AUTH_REFRESH_UNAVAILABLE'))
      await tab.tab.reload()
      await tab.start()
      expect(await tab.storm(2)).toEqual([200, 200])
      expect(await tab.said()).not.toContain('unauthenticated')
    })

    it('F5: asks again after an outage, once the session has been read again', async () => {
      const { signedIn, authorization, failNext, requests } = await world(version)
      const tab = await signedIn({ refreshRetries: 1 })
      authorization.expireAccessTokens()
      failNext('POST /session', unavailable)
      requests.length = 0
      expect(await tab.storm(2)).toEqual([200, 200])
      expect(requests).toEqual(['GET /session', 'GET /csrf', 'POST /session', 'GET /session', 'POST /session'])
      expect(authorization.counts).toMatchObject({ refreshes: 1, reused: 0 })
    })

    it('a csrf token that is refused is fetched anew, once', async () => {
      const { signedIn, authorization, context, requests } = await world(version)
      const tab = await signedIn()
      authorization.expireAccessTokens()
      expect(await tab.storm(2)).toEqual([200, 200])
      await context.clearCookies({ name: /csrf/ })
      authorization.expireAccessTokens()
      requests.length = 0
      expect(await tab.storm(2)).toEqual([200, 200])
      expect(requests).toEqual(['GET /session', 'POST /session', 'GET /csrf', 'POST /session'])
    })

    it('F7: a session endpoint that is not there is misconfigured', async () => {
      const { signedIn, authorization, failNext } = await world(version)
      const tab = await signedIn()
      authorization.expireAccessTokens()
      failNext('POST /session', () => new Response('', { status: 404 }))
      expect(await tab.forceRefresh()).toBe('AUTH_REFRESH_MISCONFIGURED')
      expect((await tab.state()).status).toBe('signedIn')
    })

    it('X1: the refresh token never reaches the page', async () => {
      const { signedIn, authorization, bodies, refreshTokens } = await world(version)
      const tab = await signedIn()
      for (const _ of [1, 2]) {
        authorization.expireAccessTokens()
        expect(await tab.storm(1)).toEqual([200])
      }
      expect(refreshTokens).toHaveLength(2)
      const shown = bodies.join() + JSON.stringify(await tab.tokens()) + (await tab.tab.evaluate(() => document.cookie))
      for (const token of refreshTokens) expect(shown).not.toContain(token)
    })
  })

  describe('the end', () => {
    it('F6: a refused refresh token ends the session, here and in next-auth; unauthenticated once', async () => {
      const { signedIn, open, authorization } = await world(version)
      const tabs = [await signedIn(), await open({})]
      authorization.revokeUser('alice')
      const statuses = await Promise.all(tabs.map((tab) => tab.storm(5)))
      expect(new Set(statuses.flat())).toEqual(new Set([401]))
      for (const tab of tabs) {
        await tab.until('signedOut')
        const ends = (await tab.said()).filter((name) => name.startsWith('unauthenticated'))
        expect(ends).toEqual([expect.stringMatching(/refreshRejected|signedOutElsewhere/)])
      }
      expect(authorization.counts).toMatchObject({ refreshes: 0, rejected: 1 })
      const later = await open({})
      expect((await later.state()).status).toBe('signedOut')
    })

    it('F6: what somebody else was refused is not asked for again', async () => {
      const { signedIn, open, authorization, count } = await world(version)
      const tab = await signedIn()
      authorization.revokeUser('alice')
      const other = await open()
      await other.update({ tokenflight: { refresh: 'forced' } })
      expect(await tab.storm(2)).toEqual([401, 401])
      expect(count('POST /session')).toBe(1)
      await tab.until('signedOut')
      await expect.poll(() => tab.said()).toContain('unauthenticated refreshRejected')
    })

    it('F6: a session that is gone on the second look has ended elsewhere', async () => {
      const { signedIn, authorization, context, count } = await world(version)
      const tab = await signedIn()
      await context.clearCookies()
      authorization.expireAccessTokens()
      expect(await tab.storm(2)).toEqual([401, 401])
      expect(await tab.said()).toContain('unauthenticated signedOutElsewhere')
      expect(count('POST /session')).toBe(0)
    })

    it.each([{}, { withOwnSignOut: true }])(
      'S4: auth.signOut() signs out of next-auth, in all tabs (%o)',
      async (options) => {
        const { signedIn, open, count, requests } = await world(version)
        const tab = await signedIn(options)
        const other = await open({})
        requests.length = 0
        await tab.signOut()
        await other.until('signedOut')
        expect(await other.said()).toContain('unauthenticated signedOutElsewhere')
        expect(await tab.said()).not.toContainEqual(expect.stringContaining('unauthenticated'))
        expect(requests[0]).toBe('GET /csrf')
        expect(count('POST /signout')).toBe(1)
        expect((await (await open({})).state()).status).toBe('signedOut')
      },
    )

    it('S4: a sign-out that next-auth did not take is made at the next look', async () => {
      const { signedIn, open, failNext, count } = await world(version)
      const tab = await signedIn()
      failNext('POST /signout', unavailable)
      failNext('POST /signout', unavailable)
      await tab.signOut()
      expect((await tab.state()).status).toBe('signedOut')
      expect(count('POST /signout')).toBe(2)
      await tab.lookAgain()
      await expect.poll(() => count('POST /signout')).toBe(3)
      await expect.poll(async () => (await (await open({})).state()).status).toBe('signedOut')
    })

    it.each(['own page', 'other tab'])("next-auth's own signOut() is noticed: %s", async (where) => {
      const { signedIn, open } = await world(version)
      const tab = await signedIn()
      const signingOut = where === 'own page' ? tab : await open()
      await signingOut.nextAuthSignOut()
      await tab.until('signedOut')
      expect(await tab.said()).toContain('unauthenticated signedOutElsewhere')
    })

    it('after a sign-out the same user can sign in again', async () => {
      const { signedIn } = await world(version)
      const tab = await signedIn()
      await tab.signOut()
      await tab.nextAuthSignIn('alice')
      await tab.until('signedIn')
      expect(await tab.storm(1)).toEqual([200])
    })
  })

  describe('a sign-out while a session request is in flight stays a sign-out, 5 of 5', () => {
    const rounds = [1, 2, 3, 4, 5]

    it("F9: this tab's reading", async () => {
      const { signedIn, open, holdNext } = await world(version)
      for (const _ of rounds) {
        const tab = await signedIn()
        const held = holdNext('GET /session')
        await tab.lookAgain()
        await held.arrived
        const signedOut = tab.signOut()
        await tab.until('signedOut')
        held.release()
        await signedOut
        expect((await (await open({})).state()).status).toBe('signedOut')
        expect((await tab.state()).status).toBe('signedOut')
        await tab.tab.close()
      }
    })

    it.each(["this tab's", "another tab's"])('F9: %s refresh', async (whose) => {
      const { signedIn, open, authorization, holdNext } = await world(version)
      for (const _ of rounds) {
        const tab = await signedIn()
        const other = await open({})
        const refreshing = whose === "this tab's" ? tab : other
        authorization.expireAccessTokens()
        const held = holdNext('POST /session')
        const statuses = refreshing.storm(2)
        await held.arrived
        const signedOut = tab.signOut()
        await tab.until('signedOut')
        held.release()
        await signedOut
        await statuses
        await other.until('signedOut')
        expect((await (await open({})).state()).status).toBe('signedOut')
        expect((await tab.state()).status).toBe('signedOut')
        for (const page of [tab, other]) await page.tab.close()
      }
    })

    it("F9: somebody else's getSession(), answered after the sign-out", async () => {
      const { signedIn, open, holdNext, count } = await world(version)
      for (const round of rounds) {
        const tab = await signedIn()
        const held = holdNext('GET /session')
        const reading = tab.getSession()
        await held.arrived
        await tab.signOut()
        held.release()
        await reading
        await expect.poll(() => count('POST /signout')).toBe(2 * round)
        await expect.poll(async () => (await (await open({})).state()).status).toBe('signedOut')
        expect((await tab.state()).status).toBe('signedOut')
        await tab.tab.close()
      }
    })
  })

  describe('useSession()', () => {
    it('shows the new session after a refresh, in this page and in another tab', async () => {
      const { signedIn, open, authorization } = await world(version)
      const tab = await signedIn()
      await tab.provide()
      const other = await open()
      await other.provide()
      for (const one of [tab, other]) await expect.poll(() => one.seen()).toMatchObject({ status: 'authenticated' })
      authorization.expireAccessTokens()
      expect(await tab.storm(2)).toEqual([200, 200])
      const accessToken = await tab.accessToken()
      for (const one of [tab, other])
        await expect.poll(() => one.seen()).toEqual({ status: 'authenticated', accessToken })
    })

    it('shows a sign-out, in this page and in another tab', async () => {
      const { signedIn, open } = await world(version)
      const tab = await signedIn()
      await tab.provide()
      const other = await open()
      await other.provide()
      for (const one of [tab, other]) await expect.poll(() => one.seen()).toMatchObject({ status: 'authenticated' })
      await tab.signOut()
      for (const one of [tab, other]) await expect.poll(() => one.seen()).toMatchObject({ status: 'unauthenticated' })
    })

    it('speaks only the way of the version it was told, or has heard', async () => {
      const { signedIn } = await world(version)
      const tab = await signedIn({ session: { version } })
      await tab.listen()
      expect(await tab.forceRefresh()).toBe('refreshed')
      await expect.poll(() => tab.heard()).toEqual([version])
    })
  })

  describe('with the callbacks of tokenflight/next-auth/server', () => {
    const serverHalf = true

    it('H2: two tabs whose requests are refused together make one refresh', async () => {
      const { signedIn, open, authorization } = await world(version, { serverHalf })
      const tabs = [await signedIn(), await open({})]
      for (const refreshes of [1, 2]) {
        authorization.expireAccessTokens()
        const statuses = await Promise.all(tabs.map((tab) => tab.storm(5)))
        expect(statuses.flat()).toEqual(times(10, 200))
        expect(authorization.counts).toMatchObject({ refreshes, reused: 0, familiesRevoked: 0 })
      }
    })

    it('F5: an outage of the authorization server signs nobody out', async () => {
      const { signedIn, authorization } = await world(version, { serverHalf })
      const tab = await signedIn()
      authorization.expireAccessTokens()
      authorization.faults.token.next({ status: 503 })
      expect(await tab.storm(2)).toEqual(times(2, 'AUTH_REFRESH_UNAVAILABLE'))
      expect(await tab.storm(2)).toEqual([200, 200])
    })

    it('F6: a refused refresh token ends the session, here and in next-auth; unauthenticated once', async () => {
      const { signedIn, open, authorization } = await world(version, { serverHalf })
      const tab = await signedIn()
      await tab.provide()
      authorization.revokeUser('alice')
      expect(await tab.storm(5)).toEqual(times(5, 401))
      await expect.poll(() => tab.seen()).toMatchObject({ status: 'unauthenticated' })
      const ends = (await tab.said()).filter((name) => name.startsWith('unauthenticated'))
      expect(ends).toEqual(['unauthenticated refreshRejected'])
      expect((await (await open({})).state()).status).toBe('signedOut')
    })

    it('F6: a page that finds such a session signs it out of next-auth, so that no login page is skipped', async () => {
      const { signedIn, open, authorization, count } = await world(version, { serverHalf })
      const tab = await signedIn()
      await tab.tab.close()
      authorization.revokeUser('alice')
      // a getSession() that asks for an update, as an app may
      const rejecting = await open()
      await rejecting.update({ tokenflight: { refresh: 'forced' } })
      const found = await open({})
      expect((await found.state()).status).toBe('signedOut')
      expect(count('POST /signout')).toBe(1)
      expect(await (await open()).getSession()).toBeNull()
    })
  })

  describe('without Web Locks', () => {
    it.each([{ host: 'localhost' }, { host: 'app.test' }])('R3, S4: works in one tab ($host)', async ({ host }) => {
      const { signedIn, open, authorization, count } = await world(version, { host })
      const options = { withoutWebLocks: host === 'localhost', dangerouslyAllowInsecureHttp: true }
      const tab = await signedIn(options)
      authorization.expireAccessTokens()
      expect(await tab.storm(5)).toEqual(times(5, 200))
      expect(count('POST /session')).toBe(1)
      await tab.signOut()
      expect((await (await open(options)).state()).status).toBe('signedOut')
    })
  })
})
