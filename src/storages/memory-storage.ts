import { sameTokens, type TokenSet } from '../core/token-set'
import type { TokenStorage } from '../core/token-storage'
import { localLock } from '../sharing/local-lock'

/**
 * Keeps the session in this page or process alone; a reload forgets it. The default.
 * Clients that are given the same one share the session, its lock and its changes.
 * @param initial what is stored at the start
 */
export function memoryStorage(initial?: TokenSet): TokenStorage {
  let stored = initial
  const listeners = new Set<() => void>()

  function write(tokens: TokenSet | undefined): void {
    stored = tokens
    for (const listener of [...listeners]) listener()
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
    subscribe(onChange) {
      // two subscribers may bring the same function
      const listener = (): void => onChange()
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
