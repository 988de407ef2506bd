import type { GraceStore } from '../sharing/grace-store'
import type { RedisClient } from '../sharing/redis-client'
import { redisKeys } from '../sharing/redis-keys'
import { redisLock } from '../sharing/redis-lock'
import { type Secret, sealingBy } from './sealing'

export interface RedisGraceStoreOptions {
  /** Seals what is kept. Several while one takes the place of another: the first seals, all unseal. Needs `jose`. @see sealing */
  readonly secret?: Secret
  /** Nobody holds an exchange's lock for longer (ms); more than `refreshTimeoutMs`. @defaultValue `15_000` */
  readonly lockMs?: number
}

const getScript = `return redis.call('GET', KEYS[1])`
const setScript = `redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1`
const deleteScript = `return redis.call('DEL', KEYS[1])`

/** Redis ends what it keeps by itself; sealed text only has to outlive that. */
const sealedForMs = 86_400_000

/** The outcomes of refreshes, kept for all processes of a server: `shareExchange`'s `store`. */
export function redisGraceStore(client: RedisClient, options: RedisGraceStoreOptions = {}): GraceStore {
  const { lockMs = 15_000 } = options
  const seal = sealingBy(options, { purpose: 'redis grace', maxAgeMs: sealedForMs })
  const run = (script: string, key: string, parameters: readonly unknown[] = []): Promise<unknown> =>
    client.eval(script, { keys: [`tokenflight:grace:${key}`], arguments: parameters.map(String) })
  return {
    async get(key) {
      const kept = await run(getScript, key)
      return typeof kept === 'string' ? seal.unseal(kept) : undefined
    },
    async set(key, value, forMs) {
      await run(setScript, key, [await seal.seal(value), forMs])
    },
    async delete(key) {
      await run(deleteScript, key)
    },
    lock: (name, signal) => redisLock({ client, keys: redisKeys(`exchange ${name}`), lockMs })(signal),
  }
}
