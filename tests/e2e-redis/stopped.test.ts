import { describe, expect, it } from 'vitest'
import type { Step } from '../support/held-steps'
import { eventually, key, oneFamily, recovered, retryable, signedIn, startWorlds, storm, tokensKey } from './world'

const world = startWorlds()

const shortly = { refreshTimeoutMs: 2_500, lockMs: 3_000 }

describe('a process that is stopped past its lock, and goes on', () => {
  it.each<Step>(['locked', 'looked'])('H3: %s: it spends no refresh token that others have spent', async (step) => {
    const here = await world(shortly)
    const [holder, ...others] = await signedIn(here, 4)
    here.server.refuseAccessTokens()
    const reached = holder.call('hold', step)
    const stopped = storm([holder], 1)
    await reached
    holder.signal('SIGSTOP')
    void holder.call('go', step)
    await recovered(others, 2)
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    holder.signal('SIGCONT')
    expect([200, ...retryable]).toContain((await stopped)[0])
    await recovered([holder, ...others], 1)
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    expect(await holder.call('accessToken', key)).toBe(await others[0]?.call('accessToken', key))
  })

  it.each<Step>(['answered', 'writing'])('H1: %s: it overwrites nothing newer', async (step) => {
    const here = await world({ ...shortly, reuse: 'grace' })
    const [holder, ...others] = await signedIn(here, 4)
    here.server.refuseAccessTokens()
    const reached = holder.call('hold', step)
    const stopped = storm([holder], 1)
    await reached
    holder.signal('SIGSTOP')
    void holder.call('go', step)
    await recovered(others, 2)
    expect(here.server.counts).toMatchObject({ refreshes: 2, familiesRevoked: 0 })
    const newer = await here.client.get(tokensKey)
    holder.signal('SIGCONT')
    await stopped
    await recovered([holder, ...others], 1)
    expect(await here.client.get(tokensKey)).toBe(newer)
    // where its write ended by the clock before the answer was read, it uses its own tokens until the notice has been read (F4)
    await eventually(() => holder.call('accessToken', key)).toBe(await others[0]?.call('accessToken', key))
    expect(here.server.counts).toMatchObject({ refreshes: 2, tokenRequests: 2, familiesRevoked: 0 })
  })

  it('H1: nor does it bring a session back that was ended meanwhile', async () => {
    const here = await world(shortly)
    const [holder, other] = await signedIn(here, 2)
    here.server.refuseAccessTokens()
    const reached = holder.call('hold', 'writing')
    const stopped = storm([holder], 1)
    await reached
    holder.signal('SIGSTOP')
    void holder.call('go', 'writing')
    await other?.call('signOut', key)
    holder.signal('SIGCONT')
    await stopped
    await eventually(() => holder.call('status', key)).toBe('signedOut')
    expect(await here.client.exists(tokensKey)).toBe(0)
  })
})
