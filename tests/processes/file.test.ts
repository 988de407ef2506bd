import { readdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileStorage } from '../../src/storages/file'
import type { Step } from '../support/held-steps'
import { startProcesses, type Worker, type World } from './processes'

const world = startProcesses()

const oneFamily = { reused: 0, familiesRevoked: 0, rejected: 0 }
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000 })
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const storm = (workers: readonly Worker[], count: number): Promise<(number | string)[]> =>
  Promise.all(workers.map((worker) => worker.call('storm', count))).then((statuses) => statuses.flat())

/** So many processes, all in the same session. */
async function signedIn({ server, openAll }: World, count: number): Promise<[Worker, ...Worker[]]> {
  const [first, ...others] = await openAll(count)
  if (!first) throw new Error('no process')
  await first.call('signIn', server.signIn('alice'))
  for (const worker of others) await eventually(() => worker.call('ready')).toBe('signedIn')
  return [first, ...others]
}

describe('fileStorage in several processes', () => {
  it('H2: four processes whose requests are refused together make one refresh', async () => {
    const here = await world()
    const workers = await signedIn(here, 4)
    for (let expiry = 1; expiry <= 3; expiry += 1) {
      here.server.refuseAccessTokens()
      expect(await storm(workers, 5)).toEqual(times(20, 200))
      expect(here.server.counts).toMatchObject({ refreshes: expiry, tokenRequests: expiry, ...oneFamily })
    }
  })

  it('H2: one refresh, also when the server answers at 90 percent of the deadline', async () => {
    const here = await world({ refreshTimeoutMs: 6_000 })
    const workers = await signedIn(here, 4)
    here.server.refuseAccessTokens()
    here.server.faults.token.next({ delayMs: 5_400 })
    expect(await storm(workers, 2)).toEqual(times(8, 200))
    expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
  })

  it('F3: under the lock each process sees what the one before it wrote, and none is left out', async () => {
    const { path, openAll } = await world()
    await fileStorage({ path }).write({ accessToken: '0' })
    const workers = await openAll(4)
    await Promise.all(workers.map((worker) => worker.call('count', 25)))
    await expect(fileStorage({ path }).read()).resolves.toEqual({ accessToken: '100' })
    expect((await readdir(`${path}.lock`)).sort()).toEqual(['refresh.100', 'write.101'])
  })

  it('H3: a holder that is killed while it refreshes leaves that to the next, at once', async () => {
    const here = await world()
    const [holder, ...others] = await signedIn(here, 4)
    here.server.refuseAccessTokens()
    const gate = here.server.holdTokenRequests()
    const lost = holder.call('storm', 1).catch(() => 'killed')
    await gate.arrived()
    const waiting = storm(others, 2)
    await holder.kill()
    expect(await lost).toBe('killed')
    await gate.arrived(2)
    await eventually(() => gate.waiting).toBe(1)
    gate.release()
    expect(await waiting).toEqual(times(6, 200))
    expect(here.server.counts).toMatchObject({ refreshes: 1, ...oneFamily })
  })

  it('H3: a holder that is killed before it could store what it got costs the session, and holds up nobody', async () => {
    const here = await world()
    const [holder, ...others] = await signedIn(here, 3)
    here.server.refuseAccessTokens()
    const gate = here.server.holdTokenRequests({ afterActing: true })
    const lost = holder.call('storm', 1).catch(() => 'killed')
    await gate.arrived()
    await holder.kill()
    await lost
    gate.release()
    // the refresh token went to the process that is gone: the server takes its second use for a theft
    expect(await storm(others, 2)).toEqual(times(4, 401))
    for (const worker of others) await eventually(() => worker.call('status')).toBe('signedOut')
    expect(here.server.counts).toMatchObject({ refreshes: 1, reused: 1 })
  })

  it.each<Step>(['locked', 'looked'])(
    'H3: a holder that is killed before it asked (%s) leaves that to the next',
    async (step) => {
      const here = await world()
      const [holder, ...others] = await signedIn(here, 4)
      here.server.refuseAccessTokens()
      const reached = holder.call('hold', step)
      const lost = holder.call('storm', 1).catch(() => 'killed')
      await reached
      const waiting = storm(others, 2)
      await holder.kill()
      expect(await lost).toBe('killed')
      expect(await waiting).toEqual(times(6, 200))
      expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    },
  )

  it('H3: one that is killed right before the write costs the session at a strict server, none with a grace time', async () => {
    for (const reuse of ['revokeFamily', 'grace'] as const) {
      const here = await world({ reuse })
      const [holder, ...others] = await signedIn(here, 3)
      here.server.refuseAccessTokens()
      const reached = holder.call('hold', 'writing')
      const lost = holder.call('storm', 1).catch(() => 'killed')
      await reached
      await holder.kill()
      expect(await lost).toBe('killed')
      expect(await storm(others, 2)).toEqual(times(4, reuse === 'grace' ? 200 : 401))
      const familiesRevoked = reuse === 'grace' ? 0 : 1
      expect(here.server.counts).toMatchObject({ tokenRequests: 2, familiesRevoked })
    }
  })

  it.each<Step>(['locked', 'looked'])(
    'H3: a holder that is stopped past its lock before it asked (%s) spends nothing',
    async (step) => {
      const here = await world({ refreshTimeoutMs: 3_000 })
      const [holder, ...others] = await signedIn(here, 4)
      here.server.refuseAccessTokens()
      const reached = holder.call('hold', step)
      const stopped = holder.call('storm', 1)
      await reached
      holder.signal('SIGSTOP')
      void holder.call('go', step)
      await eventually(() => storm(others, 1)).toEqual(times(3, 200))
      expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
      holder.signal('SIGCONT')
      await stopped
      await eventually(() => holder.call('storm', 1)).toEqual([200])
      expect(here.server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
      expect(await holder.call('accessToken')).toBe(await others[0]?.call('accessToken'))
    },
  )

  it('H3: a process that is killed while it writes keeps no lock', async () => {
    const here = await world()
    const [holder, other] = await here.openAll(2)
    await holder?.call('holdWriteLock', here.path)
    await holder?.kill()
    await other?.call('signIn', here.server.signIn('alice'))
    expect(await other?.call('storm', 1)).toEqual([200])
    await expect(fileStorage({ path: here.path }).read()).resolves.toHaveProperty('accessToken')
  })

  it('H3: a holder that is stopped past its lock holds up nobody, and overwrites nothing when it goes on', async () => {
    const here = await world({ refreshTimeoutMs: 3_000, reuse: 'grace' })
    const [holder, ...others] = await signedIn(here, 4)
    here.server.refuseAccessTokens()
    const gate = here.server.holdTokenRequests({ afterActing: true })
    const paused = holder.call('storm', 1)
    await gate.arrived()
    holder.signal('SIGSTOP')
    gate.release()
    // the lock is waited for longer than a request waits
    expect(await storm(others, 1)).toEqual(times(3, 'AUTH_REFRESH_UNAVAILABLE'))
    expect(await storm(others, 1)).toEqual(times(3, 200))
    expect(here.server.counts).toMatchObject({ refreshes: 2, familiesRevoked: 0 })
    const newer = await readFile(here.path, 'utf8')
    holder.signal('SIGCONT')
    await paused
    expect(await holder.call('storm', 1)).toEqual([200])
    expect(await readFile(here.path, 'utf8')).toBe(newer)
    expect(await holder.call('accessToken')).toBe(await others[0]?.call('accessToken'))
    expect(here.server.counts).toMatchObject({ refreshes: 2, familiesRevoked: 0 })
  })

  it('H4: sign-out and another user’s sign-in reach the others', async () => {
    const here = await world()
    const [first, second] = await signedIn(here, 2)
    await second?.call('signIn', here.server.signIn('bob'))
    await eventually(() => first.call('said')).toContain('signedOut')
    await eventually(() => first.call('accessToken')).toBe(await second?.call('accessToken'))
    await first.call('signOut')
    await eventually(() => second?.call('status')).toBe('signedOut')
    expect(await readdir(dirname(here.path))).toEqual(['tokens.json.lock'])
  })
})
