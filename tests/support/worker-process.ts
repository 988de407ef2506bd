import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'

/** A Node process that answers calls (serve-methods.ts). What is called in one that is killed rejects. */
export interface WorkerProcess<Methods extends WorkerMethods> {
  call<Name extends keyof Methods>(
    name: Name,
    ...args: Parameters<Methods[Name]>
  ): Promise<Awaited<ReturnType<Methods[Name]>>>
  /** Stopped and continued as a debugger does it, or a machine that is put to sleep. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  kill(): Promise<void>
}

/** Bundles what a process runs. CommonJS, since some packages are. */
export async function bundleWorker(source: URL, outfile: string): Promise<void> {
  await build({
    entryPoints: [source.pathname],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    outfile,
  })
}

/** Starts a process, which is killed at the end of the test. */
export async function startWorker<Methods extends WorkerMethods>(file: string): Promise<WorkerProcess<Methods>> {
  const child = fork(file)
  const worker = drive<Methods>(child)
  onTestFinished(worker.kill)
  await once(child, 'message')
  return worker
}

type WorkerMethods = Record<string, (...args: never[]) => unknown>

function drive<Methods extends WorkerMethods>(child: ChildProcess): WorkerProcess<Methods> {
  const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  let calls = 0
  child.on('message', (message: { id: number; value: never; error?: string } | 'ready') => {
    if (message === 'ready') return
    const call = pending.get(message.id)
    pending.delete(message.id)
    if (message.error === undefined) call?.resolve(message.value)
    else call?.reject(new Error(message.error))
  })
  const goneError = (): Error => new Error('the process is gone')
  const gone = once(child, 'exit').then(() => {
    for (const { reject } of pending.values()) reject(goneError())
  })
  return {
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        calls += 1
        pending.set(calls, { resolve, reject })
        child.send({ id: calls, name, args }, (error) => error && reject(goneError()))
      }),
    signal: (name) => void child.kill(name),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
