import type { TokenStorage } from '../core/token-storage'
import { broadcast } from './broadcast'
import { isPage } from './storage-item'
import { requestLock, visibleAfterMs, webLock } from './web-lock'

/** How the tabs of an origin take turns at what they share, and hear of it. */
export interface BetweenTabs extends Required<Pick<TokenStorage, 'lock' | 'subscribe'>> {
  /** Runs `task` while no other tab is in one. `true` from it: it has written, and the others are told. On a server it is not run. */
  exclusively(task: () => boolean): Promise<boolean>
}

/** A task takes less than a millisecond: a tab that is in one for so long is frozen. */
const patienceMs = 1_000

/** @param key the item of localStorage that they share */
export function betweenTabs(key: string): BetweenTabs {
  const name = `tokenflight:${key}`
  const lock = webLock(name)
  const channel = broadcast(name)
  let writes = 0

  return {
    async exclusively(task) {
      if (!isPage()) return false
      const free = await requestLock(`${name}:write`, AbortSignal.timeout(patienceMs)).catch(() => undefined)
      const before = writes
      try {
        if (task()) writes += 1
      } finally {
        if (free) setTimeout(free, writes === before ? 0 : visibleAfterMs)
      }
      if (writes === before) return false
      channel.notify()
      return true
    },
    async lock(signal, which) {
      const held = await lock(signal, which)
      const before = writes
      return {
        ...held,
        release(unavailableUntil) {
          setTimeout(() => held.release(unavailableUntil), writes === before ? 0 : visibleAfterMs)
        },
      }
    },
    subscribe(onChange) {
      if (!isPage()) return () => {}
      const unsubscribed = new AbortController()
      const { signal } = unsubscribed
      const onStorage = (event: StorageEvent): void => {
        if (event.key === key || event.key === null) onChange()
      }
      // a page that returns from the back/forward cache has missed what was said
      const onPageShow = (event: PageTransitionEvent): void => {
        if (event.persisted) onChange()
      }
      addEventListener('storage', onStorage, { signal })
      addEventListener('pageshow', onPageShow, { signal })
      channel.subscribe(onChange, signal)
      return () => unsubscribed.abort()
    },
  }
}
