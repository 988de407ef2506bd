import type { MaybePromise } from '../core/maybe-promise'
import type { TokenSet } from '../core/token-set'
import type { TokenStorage } from '../core/token-storage'
import { ConfigurationError } from '../errors/configuration-error'
import { localChannel } from '../sharing/local-channel'
import { localLock } from '../sharing/local-lock'
import { decode, encode, holds } from './envelope'

/** A store of texts: Expo SecureStore, AsyncStorage, chrome.storage, localforage, a `Map` … */
export interface KeyValueStore {
  /** The text, or anything else where there is none. */
  get(key: string): unknown
  set(key: string, value: string): MaybePromise<unknown>
  delete(key: string): MaybePromise<unknown>
}

export interface KeyValueStorageOptions extends Pick<TokenStorage, 'lock' | 'subscribe'> {
  readonly key: string
  /**
   * Where pages or processes share the store: what lets one of them refresh at a time (in a browser extension: `webLock(name)`).
   * @defaultValue a lock among those who share this very object
   */
  readonly lock?: NonNullable<TokenStorage['lock']>
  /** Where others may write the store: calls back when they have. Own writes need no notice. @defaultValue none */
  readonly subscribe?: NonNullable<TokenStorage['subscribe']>
}

/**
 * Keeps the token set as a text in a store of yours. What the store throws is reported as a `storageError`.
 * `replace` is atomic among the clients that share this very object.
 * @throws ConfigurationError `AUTH_CONFIGURATION` without a `key`, or for a store that lacks one of the three
 */
export function keyValueStorage(store: KeyValueStore, { key, lock, subscribe }: KeyValueStorageOptions): TokenStorage {
  if (!key) throw new ConfigurationError('keyValueStorage: key takes a name.')
  for (const method of ['get', 'set', 'delete'] as const) {
    if (typeof store[method] !== 'function')
      throw new ConfigurationError(`keyValueStorage: the store has no ${method}().`)
  }
  const channel = localChannel()
  const inTurn = localLock()

  async function put(tokens: TokenSet | undefined): Promise<true> {
    if (tokens === undefined) await store.delete(key)
    else await store.set(key, encode(tokens))
    channel.notify()
    return true
  }
  async function exclusively<T>(task: () => Promise<T>): Promise<T> {
    const turn = await inTurn(new AbortController().signal)
    try {
      return await task()
    } finally {
      await turn.release()
    }
  }
  return {
    ...(lock === undefined && { pageOnly: true }),
    read: async () => decode(await store.get(key)),
    async write(tokens) {
      await exclusively(() => put(tokens))
    },
    replace: (expected, next) => exclusively(async () => holds(await store.get(key), expected) && put(next)),
    lock: lock ?? localLock(),
    subscribe(onChange) {
      const unsubscribe = [channel.subscribe(onChange), subscribe?.(() => onChange())]
      return () => {
        for (const stop of unsubscribe) stop?.()
      }
    },
  }
}
