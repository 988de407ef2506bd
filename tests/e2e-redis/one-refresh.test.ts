import { describe, expect, it } from 'vitest'
import { eventually, key, oneFamily, signedIn, startWorlds, storm, times, tokensKey } from './world'

const world = startWorlds()

describe('four processes on one redis-server', () => {
  it('H2: whose requests are refused together make one refresh, time after time', async () => {
    const here = await world()
    const workers = await signedIn(here, 4)
    for (let expiry = 1; expiry <= 3; expiry += 1) {
      here.server.refuseAccessTokens()
      expect(await storm(workers, 5)).toEqual(times(20, 200))
      expect(here.server.counts).toMatchObject({ refreshes: expiry, tokenRequests: expiry, ...oneFamily })
    }
  })

  it.each([60, 90])(
    'H2: make one refresh, also when the server answers at %i percent of the deadline',
    async (percent) => {
      const refreshTimeoutMs = 6_000
      const here = await world({ refreshTimeoutMs, lockMs: 9_000 })
      const workers = await signedIn(here, 4)
      here.server.refuseAccessTokens()
      here.server.faults.token.next({ delayMs: (refreshTimeoutMs * percent) / 100 })
      expect(await storm(workers, 2)).toEqual(times(8, 200))
      expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    },
  )

  it('F5: a refresh that the server does not answer is asked for by one of them, and the others take that outcome', async () => {
    const here = await world({ refreshTimeoutMs: 2_000, lockMs: 3_000 })
    const [first, ...others] = await signedIn(here, 4)
    here.server.refuseAccessTokens()
    const gate = here.server.holdTokenRequests()
    here.server.faults.token.next({ status: 503 })
    const failing = storm([first], 2)
    await gate.arrived()
    const waiting = storm(others, 2)
    for (const worker of others) await eventually(() => worker.call('said', key)).toContain('refreshStarted')
    gate.release()
    expect([...(await failing), ...(await waiting)]).toEqual(times(8, 'AUTH_REFRESH_UNAVAILABLE'))
    expect(here.server.counts).toMatchObject({ refreshes: 0, tokenRequests: 1, ...oneFamily })
    expect(await storm([first, ...others], 1)).toEqual(times(4, 200))
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 2, ...oneFamily })
  })

  it('H4: a sign-out reaches the others, and nothing of the session stays', async () => {
    const here = await world()
    const [first, ...others] = await signedIn(here, 4)
    await first.call('signOut', key)
    for (const worker of others) {
      await eventually(() => worker.call('status', key)).toBe('signedOut')
      expect(await worker.call('said', key)).toContain('unauthenticated')
    }
    expect(await here.client.exists(tokensKey)).toBe(0)
    expect(await storm(others, 1)).toEqual(times(3, 401))
    expect(here.server.counts.tokenRequests).toBe(0)
  })

  it('H4: another user’s sign-in reaches the others', async () => {
    const here = await world()
    const [first, ...others] = await signedIn(here, 4)
    await others[0]?.call('signIn', key, here.server.signIn('bob'))
    const bobs = await others[0]?.call('accessToken', key)
    for (const worker of [first, ...others.slice(1)]) {
      await eventually(() => worker.call('accessToken', key)).toBe(bobs)
      expect(await worker.call('said', key)).toContain('signedOut')
      expect(await worker.call('said', key)).not.toContain('unauthenticated')
    }
  })

  it('F9: a sign-out while another process refreshes is not undone', async () => {
    const here = await world()
    const [holder, other] = await signedIn(here, 2)
    here.server.refuseAccessTokens()
    const answered = holder.call('hold', 'answered')
    const refused = storm([holder], 1)
    await answered
    await other?.call('signOut', key)
    await holder.call('go', 'answered')
    expect(await refused).toEqual([401])
    expect(await holder.call('status', key)).toBe('signedOut')
    expect(await here.client.exists(tokensKey)).toBe(0)
  })
})
