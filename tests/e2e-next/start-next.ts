import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port'

/** A production server of a built app. */
export interface NextServer {
  readonly url: string
  /** Sets its wall clock so far ahead of the machine's. */
  shiftTo(offsetMs: number): Promise<void>
  /** What it printed. */
  readonly log: () => string
  stop(): Promise<void>
}

export interface NextServerOptions {
  /** The folder with the app's package.json and node_modules. */
  readonly home: string
  /** The app's folder in it. */
  readonly app: string
  readonly env: Readonly<Record<string, string>>
  /** What the browser sees, where that is another origin. */
  readonly origin?: string
  readonly port?: number
}

const preload = fileURLToPath(new URL('shifted-process.mjs', import.meta.url))

/** `next start` on a free port of the loopback. */
export async function startNext({ home, app, env, origin, port }: NextServerOptions): Promise<NextServer> {
  const at = port ?? (await freePort())
  const url = origin ?? `http://localhost:${at}`
  const next = join(home, 'node_modules/next/dist/bin/next')
  const child = spawn(
    process.execPath,
    ['--import', preload, next, 'start', app, '-p', String(at), '-H', '127.0.0.1'],
    {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...authEnv(url), ...env },
    },
  )
  let log = ''
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        log += chunk
        if (log.includes('Ready in')) resolve()
      })
    }
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`next start ended:\n${log}`)
  })
  await Promise.race([ready, ended])
  ended.catch(() => {})
  return {
    url,
    log: () => log,
    async shiftTo(offsetMs) {
      const shifted = once(child, 'message')
      child.send(offsetMs)
      await shifted
    },
    stop: () => kill(child),
  }
}

/** v4 reads the first two, v5 the others. */
const authEnv = (url: string): Record<string, string> => ({
  NEXTAUTH_URL: url,
  NEXTAUTH_SECRET: secret,
  AUTH_URL: url,
  AUTH_SECRET: secret,
  AUTH_TRUST_HOST: 'true',
})

const secret = 'a-secret-of-the-tests-and-of-nothing-else'

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
