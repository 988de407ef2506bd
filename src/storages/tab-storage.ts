import { sameTokens, type TokenSet } from '../core/token-set'
import type { TokenStorage } from '../core/token-storage'
import { ConfigurationError } from '../errors/configuration-error'
import { betweenTabs } from '../sharing/between-tabs'
import { storageItem } from '../sharing/storage-item'

export interface TabStorageOptions {
  /** The name of the marker in localStorage: a session's id, no token. Items whose names begin with it and a colon are used too. */
  readonly key: string
}

/** The marker of a session that was ended on purpose. */
const ended = ''

/**
 * Keeps the tokens in this tab's memory. The tabs share the lock, and a marker without tokens in localStorage, which carries sign-in
 * and sign-out: for a refresh token in an HttpOnly cookie (`refreshWithoutToken`), which they share too. Each tab refreshes for
 * itself, one after another. On a server nothing is stored: reading finds nothing, writing tokens throws.
 * @throws ConfigurationError `AUTH_CONFIGURATION` without a `key`
 */
export function tabStorage({ key }: TabStorageOptions): TokenStorage {
  if (!key) throw new ConfigurationError('tabStorage: key takes the name of an item.')
  const marker = storageItem('localStorage', key)
  const { lock, subscribe, exclusively } = betweenTabs(key)
  let own: TokenSet | undefined

  function keep(tokens: TokenSet | undefined): true {
    marker.put(tokens === undefined ? ended : markerOf(tokens))
    own = tokens
    return true
  }
  function read(): unknown {
    const found = marker.read()
    if (found === null) return undefined
    if (found === ended) return { ended: true }
    return own !== undefined && found === markerOf(own) ? own : { sessionId: found }
  }
  return {
    read,
    async write(tokens) {
      // at once, for the page that goes away right after a sign-out
      keep(tokens)
      await exclusively(() => keep(tokens))
    },
    replace: (expected, next) => exclusively(() => read() === own && sameTokens(own, expected) && keep(next)),
    lock,
    subscribe,
  }
}

const markerOf = ({ sessionId }: TokenSet): string => sessionId ?? 'unnamed'
