import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import {
  type FakeAuthorizationServer,
  type FakeAuthorizationServerOptions,
  fakeAuthorizationServer,
  serve,
} from '../../src/testing'
import { bundleWorker, startWorker, type WorkerProcess } from '../support/worker-process'
import type { Methods } from './worker'

/** A Node process with a client of its own. */
export type Worker = WorkerProcess<Methods>

export interface World {
  readonly server: FakeAuthorizationServer
  /** The file they share; it is not there yet. */
  readonly path: string
  readonly open: () => Promise<Worker>
  readonly openAll: (count: number) => Promise<Worker[]>
}

/** Bundles the worker for a test file. What the result opens is closed at the end of the test. */
export function startProcesses(): (
  options?: FakeAuthorizationServerOptions & { readonly refreshTimeoutMs?: number },
) => Promise<World> {
  let directory: string
  let worlds = 0
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'processes-'))
    await bundleWorker(new URL('worker.ts', import.meta.url), join(directory, 'worker.cjs'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  return async ({ refreshTimeoutMs = 10_000, ...options } = {}) => {
    worlds += 1
    const path = join(directory, `world-${worlds}`, 'tokens.json')
    const server = fakeAuthorizationServer({ apiPath: '/api', ...options })
    const served = await serve(server.handle)
    onTestFinished(() => served.close())

    const open = async (): Promise<Worker> => {
      const worker = await startWorker<Methods>(join(directory, 'worker.cjs'))
      await worker.call('start', { baseUrl: served.url, path, refreshTimeoutMs })
      return worker
    }
    return { server, path, open, openAll: (count) => Promise.all(Array.from({ length: count }, open)) }
  }
}
