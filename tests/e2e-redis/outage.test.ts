import { describe, expect, it } from 'vitest'
import { eventually, key, oneFamily, recovered, signedIn, startWorlds, storm, times, type Worker } from './world'

const world = startWorlds()

const shortly = { refreshTimeoutMs: 1_500, lockMs: 2_000 }
const unavailable = 'AUTH_REFRESH_UNAVAILABLE'

async function nobodySignedOut(workers: readonly Worker[]): Promise<void> {
  for (const worker of workers) {
    expect(await worker.call('status', key)).toBe('signedIn')
    expect(await worker.call('said', key)).not.toContain('signedOut')
  }
}

describe('while Redis is away', () => {
  it('F5: stalled: a token that is still good is used; a refused one is not refreshed, and nobody is signed out', async () => {
    const here = await world(shortly)
    const workers = await signedIn(here, 4)
    here.redis.pause()
    expect(await storm(workers, 2)).toEqual(times(8, 200))
    here.server.refuseAccessTokens()
    expect(await storm(workers, 2)).toEqual(times(8, unavailable))
    expect(here.server.counts.tokenRequests).toBe(0)
    await nobodySignedOut(workers)
    here.redis.resume()
    expect(['', unavailable]).toContain((await recovered(workers, 2)).join())
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    await nobodySignedOut(workers)
  })

  it('F5: CLIENT PAUSE, as a failover does it: the same', async () => {
    const here = await world(shortly)
    const workers = await signedIn(here, 4)
    await here.client.sendCommand(['CLIENT', 'PAUSE', '60000', 'WRITE'])
    here.server.refuseAccessTokens()
    expect(await storm(workers, 2)).toEqual(times(8, unavailable))
    expect(here.server.counts.tokenRequests).toBe(0)
    await here.client.sendCommand(['CLIENT', 'UNPAUSE'])
    expect(['', unavailable]).toContain((await recovered(workers, 2)).join())
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    await nobodySignedOut(workers)
  })

  it('F5: killed, and started again with what it had: the same', async () => {
    const here = await world({ ...shortly, appendonly: 'yes' })
    const workers = await signedIn(here, 4)
    await here.redis.kill()
    here.server.refuseAccessTokens()
    expect(await storm(workers, 2)).toEqual(times(8, unavailable))
    expect(here.server.counts.tokenRequests).toBe(0)
    await nobodySignedOut(workers)
    await here.redis.restart()
    expect(['', unavailable]).toContain((await recovered(workers, 2)).join())
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    await nobodySignedOut(workers)
  })

  it('F4: killed before the write: the new tokens are used, and stored when it is back', async () => {
    const here = await world({ ...shortly, appendonly: 'yes' })
    const [holder, ...others] = await signedIn(here, 4)
    here.server.refuseAccessTokens()
    const answered = holder.call('hold', 'answered')
    const refused = storm([holder], 1)
    await answered
    await here.redis.kill()
    await holder.call('go', 'answered')
    expect(['200', unavailable]).toContain((await refused).join())
    await nobodySignedOut([holder, ...others])
    await here.redis.restart()
    await recovered([holder], 1)
    await holder.call('look', key)
    await recovered(others, 2)
    expect(here.server.counts).toMatchObject({ refreshes: 1, ...oneFamily })
    await nobodySignedOut([holder, ...others])
  })

  it('H4: a sign-out that was missed meanwhile is known afterwards', async () => {
    const here = await world({ ...shortly, appendonly: 'yes' })
    const [first, ...others] = await signedIn(here, 4)
    await here.client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
    await first.call('signOut', key)
    for (const worker of others) await eventually(() => worker.call('status', key)).toBe('signedOut')
    expect(here.server.counts.tokenRequests).toBe(0)
  })

  it('S2: a process that starts meanwhile knows nobody yet, and everybody afterwards', async () => {
    const here = await world(shortly)
    const [first, late] = await here.openAll(2)
    await first?.call('signIn', key, here.server.signIn('alice'))
    here.redis.pause()
    expect(await late?.call('storm', key, 1)).toEqual(['AUTH_STORAGE'])
    expect(await late?.call('status', key)).toBe('restoring')
    here.redis.resume()
    await eventually(() => late?.call('storm', key, 1)).toEqual([200])
    expect(here.server.counts).toMatchObject({ tokenRequests: 0, ...oneFamily })
  })
})

describe('when Redis has lost what it had', () => {
  it.each(['flushed', 'restarted empty'])(
    'H4: %s: signed out in all processes, nothing is asked, and a sign-in works',
    async (how) => {
      const here = await world(shortly)
      const workers = await signedIn(here, 4)
      if (how === 'flushed') await here.client.flushAll()
      else await here.redis.restart()
      here.server.refuseAccessTokens()
      await eventually(() => storm(workers, 1)).toEqual(times(4, 401))
      for (const worker of workers) expect(await worker.call('status', key)).toBe('signedOut')
      expect(here.server.counts).toMatchObject({ tokenRequests: 0, ...oneFamily })
      await workers[0]?.call('signIn', key, here.server.signIn('alice'))
      await eventually(() => storm(workers, 1)).toEqual(times(4, 200))
    },
  )
})
