import type { TokenSet } from '../core/token-set'
import type { TokenStorage } from '../core/token-storage'
import { ConfigurationError } from '../errors/configuration-error'
import { betweenTabs } from '../sharing/between-tabs'
import { storageItem } from '../sharing/storage-item'
import { decode, encode, holds } from './envelope'
import { newestCopy } from './newest-copy'

export { webLock } from '../sharing/web-lock'
export { type TabStorageOptions, tabStorage } from './tab-storage'

export interface WebStorageOptions {
  /** `'local'`: all tabs share the session, and it outlives them · `'session'`: each tab has one of its own, which ends with it. */
  readonly area: 'local' | 'session'
  /** The item's name. Items whose names begin with it and a colon are used too. */
  readonly key: string
}

/**
 * Keeps the token set in the page's localStorage or sessionStorage, where every script of the origin can read it. Tabs take turns by
 * Web Locks and hear of each other by BroadcastChannel and the `storage` event; no token goes over a channel.
 *
 * A duplicated tab copies sessionStorage. Of two copies of a session only the one that was refreshed last is worth anything: the other
 * reads as signed out, instead of spending the refresh token twice.
 *
 * On a server nothing is stored: reading finds nothing, writing tokens throws.
 * @throws ConfigurationError `AUTH_CONFIGURATION` for another `area`, or without a `key`
 */
export function webStorage({ area, key }: WebStorageOptions): TokenStorage {
  if (area !== 'local' && area !== 'session')
    throw new ConfigurationError("webStorage: area takes 'local' or 'session'.")
  if (!key) throw new ConfigurationError('webStorage: key takes the name of an item.')
  const item = storageItem(`${area}Storage`, key)
  const copies = area === 'session' ? newestCopy(storageItem('localStorage', `${key}:newest`)) : undefined
  const { lock, subscribe, exclusively } = betweenTabs(copies === undefined ? key : `${key}:newest`)

  function current(): string | null {
    const text = item.read()
    return copies === undefined || copies.isNewest(text) ? text : null
  }
  const textOf = (tokens: TokenSet | undefined): string | null => (tokens === undefined ? null : encode(tokens))

  return {
    read: () => decode(current()),
    async write(tokens) {
      const [before, text] = [item.read(), textOf(tokens)]
      // at once, for the page that goes away right after a sign-out
      item.put(text)
      await exclusively(() => {
        item.put(text)
        copies?.mark(before, text)
        return true
      })
    },
    replace: (expected, next) =>
      exclusively(() => {
        const [before, text] = [current(), textOf(next)]
        if (!holds(before, expected)) return false
        item.put(text)
        copies?.mark(before, text)
        return true
      }),
    lock,
    subscribe,
  }
}
