import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port'

/** A redis-server of a test's own. */
export interface RedisServer {
  readonly url: string
  /** Stalls it: connections stay open, and nothing answers. */
  pause(): void
  resume(): void
  /** Kills it, and starts another one on the same port: an empty one, unless it is `appendonly`. */
  restart(): Promise<void>
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface RedisServerOptions {
  /** Keep what was written through a restart. @defaultValue `'no'` */
  readonly appendonly?: 'yes' | 'no'
}

/** Starts a redis-server on a free port of the loopback. */
export async function startRedis({ appendonly = 'no' }: RedisServerOptions = {}): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'redis-'))
  const port = await freePort()
  const start = () => launch({ port, bind: '127.0.0.1', save: '', appendonly, appendfsync: 'always', dir: directory })
  let server = await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async restart() {
      await kill(server)
      server = await start()
    },
    kill: () => kill(server),
    async stop() {
      await kill(server)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

type Server = ReturnType<typeof spawn>

async function launch(settings: Readonly<Record<string, string | number>>): Promise<Server> {
  const parameters = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  const server = spawn(process.env['REDIS_SERVER'] ?? 'redis-server', parameters, {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ready = new Promise<void>((resolve) => {
    server.stdout.on('data', (chunk) => {
      if (String(chunk).includes('Ready to accept connections')) resolve()
    })
  })
  const ended = once(server, 'exit').then(() => {
    throw new Error('redis-server did not start')
  })
  await Promise.race([ready, ended])
  ended.catch(() => {})
  return server
}

async function kill(server: Server): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
}
