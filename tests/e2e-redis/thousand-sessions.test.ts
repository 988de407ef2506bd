import { expect, it } from 'vitest'
import type { Methods } from './worker'
import { eventually, oneFamily, startWorlds, times, type Worker, type World } from './world'

const world = startWorlds()

const sessions = Array.from({ length: 1_000 }, (_, n) => `session-${n}`)
const expiries = 2
/** So many sessions are refused at any moment. */
const atOnce = 40

it('H2: 1 000 sessions in four processes, refused at random moments: one refresh for each expiry', {
  timeout: 300_000,
}, async () => {
  const here = await world({ refreshTimeoutMs: 60_000, lockMs: 90_000 })
  const workers = await here.openAll(4)
  await signInAll(here, workers)
  await Promise.all(workers.map((worker) => worker.call('forgetAsked')))
  await here.client.configResetStat()
  for (let expiry = 1; expiry <= expiries; expiry += 1) {
    await inRandomOrder(sessions, async (user) => {
      here.server.refuseAccessTokens(user)
      const statuses = await Promise.all(workers.map((worker) => worker.call('storm', user, 1)))
      expect(statuses.flat()).toEqual(times(4, 200))
    })
  }

  const refreshes = sessions.length * expiries
  expect(here.server.counts).toMatchObject({ refreshes, tokenRequests: refreshes, ...oneFamily })
  const tokens = await Promise.all(sessions.map((user) => workers[0]?.call('accessToken', user)))
  const labels = tokens.map((token) => here.server.label(token ?? ''))
  expect(labels.map((label) => label?.replace(/ of family .*/, ''))).toEqual(
    times(sessions.length, `access ${expiries + 1}`),
  )

  const asked = await askedOf(workers)
  const { replace = 0, read = 0, release = 0 } = asked
  expect(replace).toBe(refreshes)
  // each process looks once under the lock, and once for the notice of the change; some notices of the sign-in may come late
  expect(read).toBeLessThanOrEqual((refreshes * 2 + sessions.length) * workers.length)
  expect(release).toBeLessThanOrEqual(refreshes * workers.length)
  // each call is one round trip, and Redis was asked nothing else
  const evals = /cmdstat_eval:calls=(\d+)/.exec(await here.client.info('commandstats'))?.[1]
  expect(sum(Object.values(asked))).toBe(Number(evals))
})

it('a refresh that nobody waits for takes five round trips: lock, look, write, release, and the notice of its own change', async () => {
  const here = await world()
  const [worker] = await here.openAll(1)
  if (!worker) throw new Error('no process')
  await worker.call('signIn', 'alice', here.server.signIn('alice'))
  await worker.call('forgetAsked')
  const refreshes = 20
  for (let expiry = 1; expiry <= refreshes; expiry += 1) {
    here.server.refuseAccessTokens()
    expect(await worker.call('storm', 'alice', 10)).toEqual(times(10, 200))
  }
  await eventually(() => worker.call('asked')).toMatchObject({
    take: refreshes,
    replace: refreshes,
    release: refreshes,
  })
  const { read = 0, write } = await worker.call('asked')
  expect(write).toBeUndefined()
  // three more may come late, of the time before
  expect(read).toBeLessThanOrEqual(refreshes * 2 + 3)
})

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

async function askedOf(workers: readonly Worker[]): Promise<Awaited<ReturnType<Methods['asked']>>> {
  const total: Awaited<ReturnType<Methods['asked']>> = {}
  for (const worker of workers) {
    for (const [kind, count] of Object.entries(await worker.call('asked'))) {
      total[kind as keyof typeof total] = (total[kind as keyof typeof total] ?? 0) + count
    }
  }
  return total
}

/** Each process signs a quarter of them in, and all four know all of them. */
async function signInAll({ server }: World, workers: readonly Worker[]): Promise<void> {
  await Promise.all(
    sessions.map(async (user, n) => {
      await workers[n % workers.length]?.call('signIn', user, server.signIn(user))
      for (const worker of workers) await eventually(() => worker.call('ready', user)).toBe('signedIn')
    }),
  )
}

/** Seeded, so that each run draws the same order; the moments are those of four processes at work. */
async function inRandomOrder<Item>(items: readonly Item[], task: (item: Item) => Promise<void>): Promise<void> {
  const random = seeded(20_231)
  const left = [...items]
  const draw = (): Item | undefined => left.splice(Math.floor(random() * left.length), 1)[0]
  const work = async (): Promise<void> => {
    for (let item = draw(); item !== undefined; item = draw()) await task(item)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

/** Numbers from 0 to 1 (a linear congruential generator). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
