import type { TokenStorage } from '../core/token-storage'
import { hasWebLocks, requestBaton } from './baton-lock'
import { localLock } from './local-lock'

/**
 * The `lock` of a storage of your own, shared by all tabs and workers of the origin: a Web Lock. Where the browser has none, or the
 * page is not a secure context, it ends at this page: tabs may then refresh at the same time.
 * @param name one for each session
 */
export function webLock(name: string): NonNullable<TokenStorage['lock']> {
  const withinPage = localLock()
  return async (signal, which) => {
    if (!hasWebLocks()) return withinPage(signal, which)
    const { left, release } = await requestBaton(`${name}:${which ?? 'refresh'}`, signal)
    return left === undefined ? { release } : { unavailableUntil: left, release }
  }
}
