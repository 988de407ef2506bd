import type { TokenStorage } from '../core/token-storage'
import { hasWebLocks, requestBaton } from './baton-lock'
import { broadcast } from './broadcast'
import { isPage, storageItem } from './storage-item'
import { webLock } from './web-lock'

/** How the tabs of an origin take turns at what they share, and hear of it. */
export interface BetweenTabs extends Required<Pick<TokenStorage, 'lock' | 'subscribe'>> {
  /**
   * Runs `task` while no other tab is in one, with all in sight that they have written. `true` from it: it has written, and the others
   * are told. On a server it is not run.
   */
  exclusively(task: () => boolean): Promise<boolean>
}

/** A task takes less than a millisecond, and its writes some more to be seen: who takes so long (ms) is frozen. */
const patienceMs = 2_000

/** @param key the item of localStorage that they share; `key:version` beside it counts the writes */
export function betweenTabs(key: string): BetweenTabs {
  const name = `tokenflight:${key}`
  const lock = webLock(name)
  const channel = broadcast(name)
  const counter = storageItem('localStorage', `${key}:version`)
  let seen = 0

  function look(): number {
    seen = Math.max(seen, Number(counter.read()) || 0)
    return seen
  }
  async function exclusively(task: () => boolean): Promise<boolean> {
    if (!isPage()) return false
    // without Web Locks, or when a frozen tab keeps this one, a task is as atomic as localStorage is
    const held = hasWebLocks()
      ? await requestBaton(`${name}:write`, AbortSignal.timeout(patienceMs)).catch(() => undefined)
      : undefined
    let version = held?.left
    try {
      await inSight(() => look() >= (version ?? 0))
      if (!task()) return false
      seen = look() + 1
      version = seen
      counter.put(String(seen))
      channel.notify()
      return true
    } finally {
      await held?.release(version)
    }
  }

  return {
    exclusively,
    async lock(signal, which) {
      const held = await lock(signal, which)
      // what the holder before wrote has to be in sight of the read that comes next; if it cannot be had, that read says why
      await exclusively(() => false).catch(() => {})
      return held
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

/** Resolves once it holds, looking again whenever the write of another tab arrives; at the latest when patience ends. */
async function inSight(holds: () => boolean): Promise<void> {
  if (holds()) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      removeEventListener('storage', onStorage)
      resolve()
    }
    const onStorage = ({ key }: StorageEvent): void => {
      // with a key of null all of localStorage was cleared: what was awaited is not to come
      if (key === null || holds()) done()
    }
    const timer = setTimeout(done, patienceMs)
    addEventListener('storage', onStorage)
  })
}
