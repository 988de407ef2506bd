import { describe, expect, it } from 'vitest'
import { startTabs } from './tabs'

const world = startTabs()
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

describe.each([4, 5] as const)('next-auth v%i', (version) => {
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

  it('R3: five requests refused together make one POST session and one refresh', async () => {
    const { signedIn, authorization, count } = await world(version)
    const tab = await signedIn()
    for (const round of [1, 2]) {
      authorization.expireAccessTokens()
      expect(await tab.storm(5)).toEqual(times(5, 200))
      expect(count('POST /session')).toBe(round)
    }
    expect(authorization.counts).toMatchObject({ refreshes: 2, reused: 0, familiesRevoked: 0 })
  })

  it('H2: two tabs whose requests are refused together make one refresh', async () => {
    const { signedIn, open, authorization, count } = await world(version)
    const tabs = [await signedIn(), await open({})]
    authorization.expireAccessTokens()
    const statuses = await Promise.all(tabs.map((tab) => tab.storm(5)))
    expect(statuses.flat()).toEqual(times(10, 200))
    expect(count('POST /session')).toBe(1)
    expect(authorization.counts).toMatchObject({ refreshes: 1, reused: 0, familiesRevoked: 0 })
  })
})
