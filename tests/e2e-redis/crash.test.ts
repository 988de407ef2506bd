import { describe, expect, it } from 'vitest'
import type { Step } from '../support/held-steps'
import { eventually, key, oneFamily, recovered, signedIn, startWorlds, storm, times, tokensKey } from './world'

const world = startWorlds()

/** A crashed holder's lock ends while those who wait still may. */
const shortly = { refreshTimeoutMs: 2_500, lockMs: 3_000 }

describe('a process that is killed while it refreshes', () => {
  it.each<Step>(['locked', 'looked'])('H3: %s: the others refresh once, when its lock has ended', async (step) => {
    const here = await world(shortly)
    const [holder, ...others] = await signedIn(here, 4)
    here.server.refuseAccessTokens()
    const reached = holder.call('hold', step)
    const lost = storm([holder], 1).catch(() => 'killed')
    await reached
    await holder.kill()
    expect(await lost).toBe('killed')
    // it may end after the time that a request waits
    await recovered(others, 2)
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
  })

  it('H3: its request sent, but not acted upon: the others refresh once', async () => {
    const here = await world(shortly)
    const [holder, ...others] = await signedIn(here, 4)
    here.server.refuseAccessTokens()
    const gate = here.server.holdTokenRequests()
    const lost = storm([holder], 1).catch(() => 'killed')
    await gate.arrived()
    await holder.kill()
    expect(await lost).toBe('killed')
    await eventually(() => gate.waiting).toBe(0)
    gate.release()
    await recovered(others, 2)
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 2, ...oneFamily })
  })

  it.each<Step>(['answered', 'writing'])('H3: %s: a server with a grace time keeps the session', async (step) => {
    const here = await world({ ...shortly, reuse: 'grace' })
    const [holder, ...others] = await signedIn(here, 4)
    here.server.refuseAccessTokens()
    const reached = holder.call('hold', step)
    const lost = storm([holder], 1).catch(() => 'killed')
    await reached
    await holder.kill()
    expect(await lost).toBe('killed')
    await recovered(others, 2)
    expect(here.server.counts).toMatchObject({ refreshes: 2, tokenRequests: 2, familiesRevoked: 0 })
  })

  it.each<Step>(['answered', 'writing'])('H3: %s: a strict server ends the session, in all processes', async (step) => {
    const here = await world(shortly)
    const [holder, ...others] = await signedIn(here, 3)
    here.server.refuseAccessTokens()
    const reached = holder.call('hold', step)
    const lost = storm([holder], 1).catch(() => 'killed')
    await reached
    await holder.kill()
    expect(await lost).toBe('killed')
    // the refresh token went to the process that is gone: the server takes its second use for a theft
    await eventually(() => storm(others, 1)).toEqual(times(2, 401))
    for (const worker of others) expect(await worker.call('status', key)).toBe('signedOut')
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 2, reused: 1 })
    expect(await here.client.exists(tokensKey)).toBe(0)
  })
})
