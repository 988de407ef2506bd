// What runs in each process: bundled and forked by world.ts.
import { createClient } from 'redis'
import { type AuthClient, createAuthClient, type TokenStorage } from '../../src'
import { type RedisClient, redisChanges, redisStorage } from '../../src/storages/redis'
import { heldSteps } from '../support/held-steps'
import { serveMethods } from '../support/serve-methods'

export interface StartOptions {
  readonly baseUrl: string
  readonly redisUrl: string
  readonly refreshTimeoutMs: number
  /** More than `refreshTimeoutMs`. */
  readonly lockMs: number
}

const secret = 'a-secret-of-at-least-thirty-two-characters'
const steps = heldSteps()
/** How often Redis was asked, by what for: each is one round trip. */
const asked: Partial<Record<ReturnType<typeof kindOf>, number>> = {}
const sessions = new Map<
  string,
  { readonly auth: AuthClient; readonly storage: TokenStorage; readonly said: string[] }
>()
let redis: ReturnType<typeof createClient>
let open: (key: string) => { auth: AuthClient; storage: TokenStorage; said: string[] }

function kindOf(script: string) {
  if (script.includes("'NX'")) return 'take'
  if (script.includes("'released'")) return 'release'
  if (script.includes('return 0')) return 'replace'
  return script.includes("'changed'") ? 'write' : 'read'
}

function session(key: string) {
  const known = sessions.get(key) ?? open(key)
  sessions.set(key, known)
  return known
}

const methods = {
  async start({ baseUrl, redisUrl, refreshTimeoutMs, lockMs }: StartOptions): Promise<void> {
    redis = createClient({ url: redisUrl })
    redis.on('error', () => {})
    await redis.connect()
    const client: RedisClient = {
      eval(script, parameters) {
        const kind = kindOf(script)
        asked[kind] = (asked[kind] ?? 0) + 1
        return redis.eval(script, parameters)
      },
      duplicate: () => redis.duplicate(),
    }
    const changes = redisChanges(client)
    open = (key) => {
      const said: string[] = []
      const storage = steps.over(redisStorage(client, { key, ttlMs: 600_000, lockMs, secret, changes }))
      const auth = createAuthClient({
        baseUrl,
        storage,
        refreshTimeoutMs,
        refreshRetries: 0,
        refreshCooldownMs: 300,
        async refresh({ refreshToken, fetch, signal }) {
          const answer = await fetch('/token', {
            method: 'POST',
            body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
            signal,
          })
          await steps.pass('answered')
          return answer
        },
      })
      auth.on('*', (name) => said.push(name))
      return { auth, storage, said }
    }
  },
  ready: async (key: string) => (await session(key).auth.ready()).status,
  signIn: async (key: string, tokens: { access_token: string }) => session(key).auth.signIn(tokens),
  signOut: async (key: string) => void (await session(key).auth.signOut()),
  /** So many requests at once: the status of each, or the code of its error. */
  storm: (key: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        session(key)
          .auth.fetch(`/api/${n}`)
          .then(
            ({ status }) => status,
            (error: { code?: string }) => error.code ?? String(error),
          ),
      ),
    ),
  /** How often this process has asked Redis since the counts were last forgotten. */
  asked: async () => ({ ...asked }),
  forgetAsked: async () => {
    for (const kind of Object.keys(asked)) delete asked[kind as keyof typeof asked]
  },
  status: async (key: string) => session(key).auth.state.status,
  said: async (key: string) => session(key).said,
  accessToken: async (key: string) => session(key).auth.getTokens()?.accessToken,
  /** Resolves when this process has come to that step, where it then stays. */
  hold: steps.hold,
  go: steps.go,
} as const

export type Methods = typeof methods

serveMethods(methods)
