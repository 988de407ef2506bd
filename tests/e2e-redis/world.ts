import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import {
  type FakeAuthorizationServer,
  type FakeAuthorizationServerOptions,
  fakeAuthorizationServer,
  serve,
} from '../../src/testing'
import { type RedisServer, type RedisServerOptions, startRedis } from '../support/redis-server'
import { bundleWorker, startWorker, type WorkerProcess } from '../support/worker-process'
import type { Methods, StartOptions } from './worker'

/** A Node process with clients of its own, one for each session. */
export type Worker = WorkerProcess<Methods>

/** An authorization server, a redis-server, and processes that share both. */
export interface World {
  readonly server: FakeAuthorizationServer
  readonly redis: RedisServer
  /** Looks into the redis-server, and counts there. */
  readonly client: Awaited<ReturnType<typeof connect>>
  readonly openAll: (count: number) => Promise<Worker[]>
}

export type WorldOptions = FakeAuthorizationServerOptions &
  RedisServerOptions &
  Partial<Pick<StartOptions, 'refreshTimeoutMs' | 'lockMs'>>

/** Bundles the worker for a test file. What the result opens is closed at the end of the test. */
export function startWorlds(): (options?: WorldOptions) => Promise<World> {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'e2e-redis-'))
    await bundleWorker(new URL('worker.ts', import.meta.url), join(directory, 'worker.cjs'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  return async ({ refreshTimeoutMs = 10_000, lockMs = 15_000, appendonly = 'no', ...options } = {}) => {
    const server = fakeAuthorizationServer({ apiPath: '/api', ...options })
    const served = await serve(server.handle)
    onTestFinished(() => served.close())
    const redis = await startRedis({ appendonly })
    onTestFinished(() => redis.stop())
    const client = await connect(redis.url)
    onTestFinished(() => client.destroy())

    const open = async (): Promise<Worker> => {
      const worker = await startWorker<Methods>(join(directory, 'worker.cjs'))
      await worker.call('start', { baseUrl: served.url, redisUrl: redis.url, refreshTimeoutMs, lockMs })
      return worker
    }
    return { server, redis, client, openAll: (count) => Promise.all(Array.from({ length: count }, open)) }
  }
}

async function connect(url: string) {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** The one session of most tests. */
export const key = 'alice on her laptop'
/** Where Redis has it. */
export const tokensKey = `tokenflight:{${key}}:tokens`

/** The codes of errors that say: try again. */
export const retryable = ['AUTH_REFRESH_UNAVAILABLE', 'AUTH_STORAGE']

export const oneFamily = { reused: 0, familiesRevoked: 0, rejected: 0 }
export const eventually = <T>(look: () => T): ReturnType<typeof expect.poll<T>> =>
  expect.poll(look, { timeout: 45_000 })
export const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
export const storm = async (workers: readonly Worker[], count: number): Promise<(number | string)[]> =>
  (await Promise.all(workers.map((worker) => worker.call('storm', key, count)))).flat()

/** So many processes, all in the same session. */
export async function signedIn({ server, openAll }: World, count: number): Promise<[Worker, ...Worker[]]> {
  const [first, ...others] = await openAll(count)
  if (!first) throw new Error('no process')
  await first.call('signIn', key, server.signIn('alice'))
  for (const worker of others) await eventually(() => worker.call('ready', key)).toBe('signedIn')
  return [first, ...others]
}

/** F5: requests that meet an outage are told to try again, and nothing else, until all succeed. */
export async function recovered(workers: readonly Worker[], count = 1): Promise<void> {
  const told = new Set<number | string>()
  await eventually(async () => {
    const statuses = await storm(workers, count)
    for (const status of statuses) told.add(status)
    return statuses
  }).toEqual(times(workers.length * count, 200))
  for (const status of told) expect([200, ...retryable]).toContain(status)
}
