import type { MaybePromise } from '../core/maybe-promise'
import type { TokenStorage } from '../core/token-storage'

/** Where the outcomes of refreshes are kept for a while, for those who come late. What is in it lets its reader in: keep it secret. */
export interface GraceStore {
  get(key: string): MaybePromise<string | undefined>
  /** For so long (ms), and no longer. */
  set(key: string, value: string, forMs: number): MaybePromise<void>
  delete(key: string): MaybePromise<void>
  /** The lock of this name, where several processes share the store. */
  lock?(name: string, signal: AbortSignal): ReturnType<NonNullable<TokenStorage['lock']>>
}

interface Entry {
  readonly value: string
  readonly until: number
}

/**
 * Keeps the outcomes in this process: enough where a user's requests all come to the same one.
 * @param now wall clock (epoch ms)
 */
export function memoryGraceStore(now: () => number = Date.now): GraceStore {
  const entries = new Map<string, Entry>()
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
  }
}
