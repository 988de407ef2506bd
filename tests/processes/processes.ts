import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import {
  type FakeAuthorizationServer,
  type FakeAuthorizationServerOptions,
  fakeAuthorizationServer,
  serve,
} from '../../src/testing'
import type { Methods } from './worker'

/** A Node process with a client of its own. What is called in one that is killed rejects. */
export interface Worker {
  call<Name extends keyof Methods>(
    name: Name,
    ...args: Parameters<Methods[Name]>
  ): Promise<Awaited<ReturnType<Methods[Name]>>>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  kill(): Promise<void>
}

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
    await build({
      entryPoints: [new URL('worker.ts', import.meta.url).pathname],
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      outfile: join(directory, 'worker.mjs'),
    })
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  return async ({ refreshTimeoutMs = 10_000, ...options } = {}) => {
    worlds += 1
    const path = join(directory, `world-${worlds}`, 'tokens.json')
    const server = fakeAuthorizationServer({ apiPath: '/api', ...options })
    const served = await serve(server.handle)
    onTestFinished(() => served.close())

    const open = async (): Promise<Worker> => {
      const child = fork(join(directory, 'worker.mjs'))
      const worker = drive(child)
      onTestFinished(worker.kill)
      await once(child, 'message')
      await worker.call('start', { baseUrl: served.url, path, refreshTimeoutMs })
      return worker
    }
    return { server, path, open, openAll: (count) => Promise.all(Array.from({ length: count }, open)) }
  }
}

function drive(child: ChildProcess): Worker {
  const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  let calls = 0
  child.on('message', (message: { id: number; value: never; error?: string } | 'ready') => {
    if (message === 'ready') return
    const call = pending.get(message.id)
    if (message.error === undefined) call?.resolve(message.value)
    else call?.reject(new Error(message.error))
  })
  const gone = once(child, 'exit').then(() => {
    for (const { reject } of pending.values()) reject(new Error('the process is gone'))
  })
  return {
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        calls += 1
        pending.set(calls, { resolve, reject })
        child.send({ id: calls, name, args })
      }),
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
