import type { Clock } from '../core/clock'
import { expiringAt, type RefreshWindows } from '../core/freshness'
import { guard } from './announcer'
import type { RefreshFlight } from './refresh-flight'
import type { SessionStore } from './session-store'

/** The tick: no timer is longer, so a sleeping machine or a changed clock is noticed soon (ms). */
const longestTickMs = 30_000
/** After a refresh that failed (ms). */
const shortestTickMs = 1_000

interface Parts {
  readonly store: SessionStore
  readonly flight: RefreshFlight
  readonly clock: Clock
  readonly report: (error: unknown) => void
  readonly options: RefreshWindows & { readonly wakeEvents: (wake: () => void) => (() => void) | undefined }
}

/** E5: refreshes ahead of time without a request. Compares absolute time at every tick. Returns what stops it. */
export function keepFresh({ store, flight, clock, report, options }: Parts): () => void {
  let cancel = (): void => {}
  let stopped = false

  function check(): void {
    cancel()
    if (stopped) return
    const tokens = store.tokens()
    const at = tokens && expiringAt(tokens, options)
    if (at === undefined || !flight.possible()) return
    const left = at - clock.now()
    if (left < 0) flight.join({}, 'expiring')
    cancel = clock.after(Math.min(longestTickMs, Math.max(shortestTickMs, left + 1)), check)
  }

  store.watch(check)
  check()
  let unsubscribe: (() => void) | undefined
  guard(() => {
    unsubscribe = options.wakeEvents(check)
  }, report)()
  return () => {
    stopped = true
    cancel()
    if (unsubscribe) guard(unsubscribe, report)()
  }
}

/** What wakes a page: it is seen, focused or restored again, or the network is back. */
export function pageWakeEvents(wake: () => void): (() => void) | undefined {
  if (typeof document === 'undefined' || typeof addEventListener === 'undefined') return undefined
  const names = ['focus', 'online', 'pageshow'] as const
  for (const name of names) addEventListener(name, wake)
  document.addEventListener('visibilitychange', wake)
  return () => {
    for (const name of names) removeEventListener(name, wake)
    document.removeEventListener('visibilitychange', wake)
  }
}
