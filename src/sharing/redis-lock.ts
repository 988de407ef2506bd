import type { TokenStorage } from '../core/token-storage'
import { StorageError } from '../errors/storage-error'
import type { RedisClient } from './redis-client'
import type { RedisKeys } from './redis-keys'

export interface RedisLockOptions {
  readonly client: RedisClient
  readonly keys: RedisKeys
  /** Nobody holds it for longer (ms): Redis takes it back from a holder that crashed or is frozen. */
  readonly lockMs: number
  /** Calls back when a lock of this session may have been released; returns the function that ends it, or `undefined` where nothing is told. */
  onRelease?(wake: () => void): (() => void) | undefined
}

/** What a released lock says on the session's channel. */
export const releasedMessage = 'released'

const firstPauseMs = 50
const longestPauseMs = 500
/** A Redis that takes longer to answer counts as out of reach when the wait is over. */
const answersWithinMs = 500
/** What a holder left concerns those who waited then, and no wait lasts that long. */
const leftForMs = 60_000

/**
 * The two locks of a session keep each other out: a holder that others have given up is the only one who is passed over, not one
 * that took the lock since they began to wait (ARGV[3], ms).
 */
const takeScript = `
local other = redis.call('PTTL', KEYS[3])
if other > 0 and (ARGV[3] == '' or ARGV[2] - other < tonumber(ARGV[3])) then return {0, other} end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return {1, redis.call('GET', KEYS[2]) or ''} end
return {0, redis.call('PTTL', KEYS[1])}`

/** Compares the owner first: a lock that expired is its next holder's. */
const releaseScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if ARGV[2] == '' then redis.call('DEL', KEYS[2]) else redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3]) end
redis.call('PUBLISH', ARGV[4], '${releasedMessage}')
return 1`

/**
 * A lock with an owner and an expiry. Who waits asks again soon after a release is told, when the holder's time is up, and else after a
 * pause of half a second, with jitter; where no release is told that pause grows from a tenth of it. Where Redis does not answer it rejects with a `StorageError`: nobody knows then who
 * holds the lock, and nobody refreshes.
 */
export function redisLock({ client, keys, lockMs, onRelease }: RedisLockOptions): NonNullable<TokenStorage['lock']> {
  /** How long the refresh's lock was waited for in vain, before the fallback is asked for. */
  let waitedMs = 0

  return async (signal, lockName) => {
    signal.throwIfAborted()
    const owner = globalThis.crypto.randomUUID()
    const name = lockName ?? 'refresh'
    const lockKeys = [keys.lock(name), keys.left(name)]
    const since = performance.now()
    const passOver = lockName === undefined ? '' : waitedMs

    const take = async (): Promise<Answer> => {
      const parameters = [owner, lockMs, passOver].map(String)
      const other = keys.lock(lockName === undefined ? 'fallback' : 'refresh')
      return parseAnswer(await client.eval(takeScript, { keys: [...lockKeys, other], arguments: parameters }))
    }
    const release = async (unavailableUntil?: number): Promise<void> => {
      const leftMs = leftForMs + Math.max(0, (unavailableUntil ?? 0) - Date.now())
      const parameters = [owner, unavailableUntil ?? '', leftMs, keys.channel].map(String)
      await client.eval(releaseScript, { keys: lockKeys, arguments: parameters })
    }

    const waiting = waitForRelease(signal, onRelease)
    try {
      for (
        let pauseMs = waiting.isTold ? longestPauseMs : firstPauseMs;
        ;
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      ) {
        const askedAt = performance.now()
        const asked = take()
        const answer = await waiting.unlessAborted(asked).catch((error: unknown) => {
          // Nobody waits for the answer any more, and it may have given us the lock all the same.
          void asked
            .catch(() => {})
            .then(() => release())
            .catch(() => {})
          if (signal.aborted && performance.now() - askedAt < answersWithinMs) throw error
          throw new StorageError('Redis did not answer whether the lock is free.', { cause: error })
        })
        if (!answer.taken) await waiting.pause(Math.min(jittered(pauseMs), answer.expiresInMs))
        else if (performance.now() - askedAt < lockMs) return { ...answer.left, release }
        // its time is up before it was seen: Redis was stalled, or this process
        else await waiting.unlessAborted(release())
      }
    } finally {
      waiting.end()
      if (lockName === undefined) waitedMs = performance.now() - since
    }
  }
}

const jittered = (ms: number): number => ms * (0.5 + Math.random() / 2)

type Answer =
  | { readonly taken: true; readonly left: { readonly unavailableUntil?: number } }
  | { readonly taken: false; readonly expiresInMs: number }

function parseAnswer(reply: unknown): Answer {
  const [taken, detail]: unknown[] = Array.isArray(reply) ? reply : []
  if (taken !== 1) return { taken: false, expiresInMs: Math.max(1, Number(detail) || 0) }
  const unavailableUntil = Number.parseInt(String(detail), 10)
  return { taken: true, left: Number.isNaN(unavailableUntil) ? {} : { unavailableUntil } }
}

interface Waiting {
  readonly isTold: boolean
  unlessAborted<T>(promise: Promise<T>): Promise<T>
  /** Ends early when a release was told since the last pause: not at once, since who reads what the holder wrote may need the lock no more. */
  pause(ms: number): Promise<void>
  end(): void
}

function waitForRelease(signal: AbortSignal, onRelease: RedisLockOptions['onRelease']): Waiting {
  let released = false
  let wake = (): void => {}
  let abort = (_reason: unknown): void => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = reject
  })
  aborted.catch(() => {})
  const onAbort = (): void => abort(signal.reason)
  signal.addEventListener('abort', onAbort)
  const unsubscribe = onRelease?.(() => {
    released = true
    wake()
  })
  return {
    isTold: unsubscribe !== undefined,
    unlessAborted: (promise) => Promise.race([promise, aborted]),
    async pause(ms) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const over = new Promise<void>((resolve) => {
        const endAfter = (pauseMs: number): void => {
          clearTimeout(timer)
          timer = setTimeout(resolve, pauseMs)
        }
        wake = () => {
          wake = () => {}
          endAfter(Math.min(jittered(firstPauseMs), ms))
        }
        endAfter(ms)
        if (released) wake()
      })
      try {
        await Promise.race([over, aborted])
      } finally {
        clearTimeout(timer)
        released = false
      }
    },
    end() {
      signal.removeEventListener('abort', onAbort)
      unsubscribe?.()
    },
  }
}
