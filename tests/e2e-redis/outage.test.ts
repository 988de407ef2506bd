import { describe, expect, it } from 'vitest'
import {
  eventually,
  key,
  oneFamily,
  recovered,
  retryable,
  signedIn,
  startWorlds,
  storm,
  times,
  tokensKey,
  type Worker,
} from './world'

const world = startWorlds()

const shortly = { refreshTimeoutMs: 2_500, lockMs: 3_000 }

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
    for (const told of await storm(workers, 2)) expect(retryable).toContain(told)
    expect(here.server.counts.tokenRequests).toBe(0)
    await nobodySignedOut(workers)
    here.redis.resume()
    await recovered(workers, 2)
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    await nobodySignedOut(workers)
  })

  it('F5: CLIENT PAUSE, as a failover does it: the same', async () => {
    const here = await world(shortly)
    const workers = await signedIn(here, 4)
    await here.client.sendCommand(['CLIENT', 'PAUSE', '60000', 'WRITE'])
    here.server.refuseAccessTokens()
    for (const told of await storm(workers, 2)) expect(retryable).toContain(told)
    expect(here.server.counts.tokenRequests).toBe(0)
    await here.client.sendCommand(['CLIENT', 'UNPAUSE'])
    await recovered(workers, 2)
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    await nobodySignedOut(workers)
  })

  it('F5: killed, and started again with what it had: the same', async () => {
    const here = await world({ ...shortly, appendonly: 'yes' })
    const workers = await signedIn(here, 4)
    await here.redis.kill()
    here.server.refuseAccessTokens()
    for (const told of await storm(workers, 2)) expect(retryable).toContain(told)
    expect(here.server.counts.tokenRequests).toBe(0)
    await nobodySignedOut(workers)
    await here.redis.restart()
    await recovered(workers, 2)
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    await nobodySignedOut(workers)
  })

  it('F4: killed before the write: the new tokens are used, and stored when it is back', async () => {
    const here = await world({ ...shortly, appendonly: 'yes' })
    const [holder, ...others] = await signedIn(here, 4)
    const before = await here.client.get(tokensKey)
    here.server.refuseAccessTokens()
    const answered = holder.call('hold', 'answered')
    const refused = storm([holder], 1)
    await answered
    await here.redis.kill()
    await holder.call('go', 'answered')
    expect([200, ...retryable]).toContain((await refused)[0])
    expect(await storm([holder], 1)).toEqual([200])
    await here.redis.restart()
    await eventually(() => here.client.get(tokensKey)).not.toBe(before)
    await recovered(others, 2)
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    await nobodySignedOut([holder, ...others])
  })

  it('F3: back only when the wait for both locks was over: nobody refreshes without a lock', async () => {
    const here = await world({ refreshTimeoutMs: 1_000, lockMs: 1_500 })
    const workers = await signedIn(here, 4)
    here.redis.pause()
    here.server.refuseAccessTokens()
    const reading = workers.map((worker) => worker.call('hold', 'reading'))
    for (const told of await storm(workers, 1)) expect(retryable).toContain(told)
    // the flights go on; what would be read next is read when Redis is back
    const landed = workers.map((worker) => eventually(() => worker.call('said', key)).toContain('refreshFailed'))
    await Promise.race([Promise.all(reading), Promise.all(landed)])
    here.redis.resume()
    for (const worker of workers) await worker.call('go', 'reading')
    await recovered(workers, 2)
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    await nobodySignedOut(workers)
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
