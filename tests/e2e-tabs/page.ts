// What runs in each tab: bundled and served by tabs.ts.
import { type AuthClient, createAuthClient, type Refresher, type TokenlessRefresher } from '../../src'
import type { HeldLock, TokenStorage } from '../../src/core/token-storage'
import { tabStorage, webStorage } from '../../src/storages/web-storage'

export type Kind = 'local' | 'session' | 'tab'

export interface StartOptions {
  readonly kind: Kind
  readonly refreshTimeoutMs?: number
  /** As in a browser without them. */
  readonly withoutWebLocks?: boolean
}

function storageOf(kind: Kind, key: string): TokenStorage {
  return kind === 'tab' ? tabStorage({ key }) : webStorage({ area: kind, key })
}

const byForm: Refresher = ({ refreshToken, fetch, signal }) =>
  fetch('/token', {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    signal,
  })

const byCookie: TokenlessRefresher = ({ fetch, signal }) => fetch('/auth/refresh', { method: 'POST', signal })

let auth: AuthClient
const said: string[] = []

const session = {
  start({ kind, refreshTimeoutMs = 10_000, withoutWebLocks = false }: StartOptions): void {
    if (withoutWebLocks) Object.defineProperty(navigator, 'locks', { value: undefined })
    const options = { storage: storageOf(kind, 'session'), refreshTimeoutMs, refreshRetries: 0 }
    auth =
      kind === 'tab'
        ? createAuthClient({ ...options, refreshWithoutToken: true, refresh: byCookie })
        : createAuthClient({ ...options, refresh: byForm })
    auth.on('*', (name) => said.push(name))
    auth.on('signedOut', ({ reason }) => said.push(reason))
  },
  async signIn(user: string): Promise<void> {
    const response = await fetch('/auth/login', { method: 'POST', body: JSON.stringify({ user }), headers: json })
    await auth.signIn(await response.json())
  },
  signOut: () => auth.signOut(),
  /** Sends requests at the same time; their statuses, or the codes of their errors. */
  storm: (count: number): Promise<(number | string)[]> =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        auth.fetch(`/api/${n}`).then(
          ({ status }) => status,
          (error: { code?: string }) => error.code ?? String(error),
        ),
      ),
    ),
  forceRefresh: () =>
    auth.getAccessToken({ forceRefresh: true }).then(
      () => 'refreshed',
      (error) => error.code,
    ),
  accessToken: () => auth.getTokens()?.accessToken,
  ready: () => auth.ready().then(({ status }) => status),
  status: () => auth.state.status,
  /** Resolves once the session has this status. */
  until: (status: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (auth.state.status === status) resolve()
      }
      auth.subscribe(look)
      look()
    }),
  said: () => said,
  /** Nothing of this tab runs for so long: it is frozen. */
  freeze(ms: number): void {
    const end = performance.now() + ms
    while (performance.now() < end);
  },
}
const json = { 'content-type': 'application/json' }

const storages = new Map<string, TokenStorage>()
const locks = new Map<string, HeldLock>()
const waiting = new Map<string, AbortController>()
const subscriptions = new Map<string, () => void>()

const storageAt = (place: string): TokenStorage => {
  const found = storages.get(place)
  if (!found) throw new Error(`no storage ${place}`)
  return found
}

/** A storage of this tab, for who steers it from outside. */
const remote = {
  open: (place: string, kind: Kind) => void storages.set(place, storageOf(kind, place)),
  read: async (place: string) => (await storageAt(place).read()) ?? null,
  write: async (place: string, text: string | null) =>
    storageAt(place).write(text === null ? undefined : JSON.parse(text)),
  replace: async (place: string, expected: string, next: string | null) =>
    storageAt(place).replace?.(JSON.parse(expected), next === null ? undefined : JSON.parse(next)),
  async lock(place: string, id: string, name: 'fallback' | undefined): Promise<number | null> {
    const patience = new AbortController()
    waiting.set(id, patience)
    const held = await storageAt(place).lock?.(patience.signal, name)
    if (held) locks.set(id, held)
    return held?.unavailableUntil ?? null
  },
  abort: (id: string) => waiting.get(id)?.abort(new Error('aborted')),
  release: async (id: string, until: number | undefined) => locks.get(id)?.release(until),
  subscribe(place: string, id: string): void {
    const unsubscribe = storageAt(place).subscribe?.(() => void Reflect.get(globalThis, 'changed')(id))
    if (unsubscribe) subscriptions.set(id, unsubscribe)
  },
  unsubscribe: (id: string) => subscriptions.get(id)?.(),
  corrupt: (place: string, text: string) => localStorage.setItem(place, text),
}

export interface TabGlobals {
  readonly session: typeof session
  readonly remote: typeof remote
}
Object.assign(globalThis, { session, remote })
