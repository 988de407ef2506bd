import { sameTokens, type TokenSet } from '../core/token-set'
import type { TokenStorage } from '../core/token-storage'
import { localChannel } from '../sharing/local-channel'
import { localLock } from '../sharing/local-lock'

/**
 * Keeps the session in this page or process alone; a reload forgets it. The default.
 * Clients that are given the same one share the session, its lock and its changes.
 * @param initial what is stored at the start
 */
export function memoryStorage(initial?: TokenSet): TokenStorage {
  const { notify, subscribe } = localChannel()
  let stored = initial

  function write(tokens: TokenSet | undefined): void {
    stored = tokens
    notify()
  }
  return {
    pageOnly: true,
    read: () => stored,
    write,
    replace(expected, next) {
      if (!sameTokens(stored, expected)) return false
      write(next)
      return true
    },
    lock: localLock(),
    subscribe,
  }
}
