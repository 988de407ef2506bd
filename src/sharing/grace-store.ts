import type { MaybePromise } from '../core/maybe-promise'
import type { HeldLock } from '../core/token-storage'
import { localLock } from './local-lock'

/** Where the outcomes of refreshes are kept for a while, for those who come late. What is in it lets its reader in: keep it secret. */
export interface GraceStore {
  get(key: string): MaybePromise<string | undefined>
  /** For so long (ms), and no longer. */
  set(key: string, value: string, forMs: number): MaybePromise<void>
  delete(key: string): MaybePromise<void>
  /** The lock of this name, among all who share the store. Rejects with the signal's reason. */
  lock(name: string, signal: AbortSignal): Promise<HeldLock>
}

/**
 * Keeps the outcomes in this process: enough where a user's requests all come to the same one.
 * @param now wall clock (epoch ms)
 */
export function memoryGraceStore(now: () => number = Date.now): GraceStore {
  const entries = new Map<string, { readonly value: string; readonly until: number }>()
  const locks = new Map<string, { readonly lock: ReturnType<typeof localLock>; users: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      return entry !== undefined && entry.until > now() ? entry.value : undefined
    },
    set(key, value, forMs) {
      // The oldest come first, so this ends at the first that is still of use.
      for (const [oldest, { until }] of entries) {
        if (until > now()) break
        entries.delete(oldest)
      }
      entries.delete(key)
      entries.set(key, { value, until: now() + forMs })
    },
    delete(key) {
      entries.delete(key)
    },
    async lock(name, signal) {
      const shared = locks.get(name) ?? { lock: localLock(), users: 0 }
      locks.set(name, shared)
      shared.users += 1
      const leave = (): void => {
        shared.users -= 1
        if (shared.users === 0) locks.delete(name)
      }
      try {
        const { release, ...held } = await shared.lock(signal)
        return {
          ...held,
          async release(unavailableUntil) {
            await release(unavailableUntil)
            leave()
          },
        }
      } catch (error) {
        leave()
        throw error
      }
    },
  }
}
