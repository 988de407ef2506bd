import type { TokenStorage } from '../core/token-storage'
import { localLock } from './local-lock'
import { storageItem } from './storage-item'

/**
 * What one tab has written to localStorage, another one may see only a moment later: handed on without this pause (ms), a lock lets
 * Chromium's next tab read the old text in one of ten times.
 */
export const visibleAfterMs = 50

/**
 * Resolves, once the Web Lock is held, with what gives it back; with `undefined` where the browser has no Web Locks (they need a
 * secure context). Rejects with the signal's reason.
 */
export const requestLock = (name: string, signal: AbortSignal): Promise<(() => void) | undefined> =>
  new Promise((resolve, reject) => {
    const locks: LockManager | undefined = globalThis.navigator?.locks
    if (locks === undefined) return resolve(undefined)
    locks
      .request(name, { signal }, () => new Promise<void>((free) => resolve(free)))
      // not every browser rejects with the signal's own reason
      .catch((error: unknown) => reject(signal.aborted ? signal.reason : error))
  })

/**
 * The `lock` of a storage of your own, shared by all tabs of the origin: a Web Lock. Where the browser has none, or the page is not
 * a secure context, it ends at this page: tabs may then refresh at the same time. `unavailableUntil` goes through localStorage.
 * @param name one for each session
 */
export function webLock(name: string): NonNullable<TokenStorage['lock']> {
  const withinPage = localLock()
  return async (signal, which) => {
    const lockName = `${name}:${which ?? 'refresh'}`
    const free = await requestLock(lockName, signal)
    if (free === undefined) return withinPage(signal, which)
    const note = storageItem('localStorage', `${lockName}:unavailableUntil`)
    const left = quietly(() => Number(note.read())) || undefined
    let released = false
    return {
      ...(left !== undefined && { unavailableUntil: left }),
      release(unavailableUntil) {
        if (released) return
        released = true
        if (unavailableUntil === left) return free()
        quietly(() => note.put(unavailableUntil === undefined ? null : String(unavailableUntil)))
        setTimeout(free, visibleAfterMs)
      },
    }
  }
}

/** A page whose localStorage fails, and a worker, which has none, lock all the same. */
function quietly<T>(access: () => T): T | undefined {
  try {
    return access()
  } catch {
    return undefined
  }
}
