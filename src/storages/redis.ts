import type { TokenSet } from '../core/token-set'
import type { TokenStorage } from '../core/token-storage'
import { ConfigurationError } from '../errors/configuration-error'
import { type RedisChanges, redisChanges } from '../sharing/redis-changes'
import type { RedisClient } from '../sharing/redis-client'
import { redisKeys } from '../sharing/redis-keys'
import { redisLock, releasedMessage } from '../sharing/redis-lock'
import { sha256 } from '../sharing/sha256'
import { decode, encode } from './envelope'
import { type Secret, sealingBy } from './sealing'

export { type RedisChanges, redisChanges } from '../sharing/redis-changes'
export type { RedisClient, RedisSubscriber } from '../sharing/redis-client'
export { type RedisGraceStoreOptions, redisGraceStore } from './redis-grace-store'
export type { Secret } from './sealing'

export interface RedisStorageOptions {
  /** Which session: the id that your own session cookie carries, or a user's or a service's name. */
  readonly key: string
  /** How long the session is kept after its last write (ms); each refresh is one. As long as a refresh token lives unused. */
  readonly ttlMs: number
  /**
   * Seals what is stored: whoever reads Redis, or a dump of it, reads no token. Several while one takes the place of another: the first
   * seals, all unseal. Needs the package `jose`. @see sealing
   */
  readonly secret?: Secret
  /**
   * Nobody holds the refresh's lock for longer (ms); more than the client's `refreshTimeoutMs`. @defaultValue `15_000`
   */
  readonly lockMs?: number
  /**
   * How changes by others are noticed: `redisChanges(client)`, one for all storages of a process, since each is a connection.
   * `false`: not at all, for a session that lives as long as one request. @defaultValue a connection of this storage's own
   */
  readonly changes?: RedisChanges | false
}

const changedMessage = 'changed'

const readScript = `return redis.call('GET', KEYS[1])`

const writeScript = `
if ARGV[1] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
redis.call('PUBLISH', ARGV[3], '${changedMessage}')
return 1`

const replaceScript = `
local stored = redis.call('GET', KEYS[1])
if not stored or string.sub(stored, 1, #ARGV[4]) ~= ARGV[4] then return 0 end${writeScript}`

/**
 * Keeps the session in Redis, for many processes and machines: a lock with an owner and an expiry, `replace` as one script, change
 * notices by pub/sub that carry no tokens. All keys of a session share a hash tag, so a cluster keeps them together.
 * While Redis is away every call rejects: the session is unavailable, and nobody is signed out.
 * @param client a connected client of `redis` (node-redis) ≥ 5, which stays yours
 * @throws ConfigurationError `AUTH_CONFIGURATION` names the option and the fix
 */
export function redisStorage(client: RedisClient, options: RedisStorageOptions): TokenStorage {
  const { key, ttlMs, lockMs = 15_000, changes = redisChanges(client) } = options
  check(
    typeof key === 'string' && key !== '',
    'key: takes the name of one session; sessions with the same one are the same',
  )
  check(
    Number.isInteger(ttlMs) && ttlMs > 0,
    'ttlMs: takes whole milliseconds, as many as a refresh token lives unused',
  )
  check(Number.isInteger(lockMs) && lockMs > 0, 'lockMs: takes whole milliseconds, more than refreshTimeoutMs')

  const keys = redisKeys(key)
  const seal = sealingBy(options, { purpose: `redis ${keys.tokens}`, maxAgeMs: ttlMs })
  const wakers = new Set<() => void>()
  const listening = new Set<() => void>()
  const run = (script: string, parameters: readonly unknown[] = []): Promise<unknown> =>
    client.eval(script, { keys: [keys.tokens], arguments: parameters.map(String) })

  /** What the scripts write. */
  async function record(tokens: TokenSet | undefined): Promise<readonly unknown[]> {
    const stored = tokens === undefined ? '' : (await fingerprint(tokens)) + (await seal.seal(encode(tokens)))
    return [stored, ttlMs, keys.channel]
  }

  return {
    async read() {
      const stored = await run(readScript)
      if (typeof stored !== 'string') return undefined
      return decode(await seal.unseal(stored.slice(fingerprintLength)))
    },
    async write(tokens) {
      await run(writeScript, await record(tokens))
    },
    async replace(expected, next) {
      return (await run(replaceScript, [...(await record(next)), await fingerprint(expected)])) === 1
    },
    lock: redisLock({
      client,
      keys,
      lockMs,
      onRelease(wake) {
        if (listening.size === 0) return undefined
        wakers.add(wake)
        return () => wakers.delete(wake)
      },
    }),
    ...(changes !== false && {
      subscribe(onChange) {
        const end = changes.listen(keys.channel, (message) => {
          if (message !== releasedMessage) onChange()
          // a lock is given back after the change that it was taken for
          if (message !== changedMessage) for (const wake of wakers) wake()
        })
        listening.add(end)
        return () => {
          listening.delete(end)
          end()
        }
      },
    }),
  }
}

/** Tells one token set from another in Redis without showing a token, sealed or not: what `replace` compares. */
const fingerprint = ({ accessToken, refreshToken }: TokenSet): Promise<string> =>
  sha256(JSON.stringify([accessToken, refreshToken]))
const fingerprintLength = 64

function check(holds: boolean, problem: string): void {
  if (!holds) throw new ConfigurationError(`redisStorage: ${problem}.`)
}
