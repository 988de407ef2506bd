import type { AuthClient } from './core/auth-client'
import type { AnyAuthClientOptions, AuthClientOptions, TokenlessAuthClientOptions } from './core/auth-client-options'
import { checkOptions } from './core/check-options'
import type { TokenlessRefresher } from './core/refresher'
import { ConfigurationError } from './errors/configuration-error'
import { reduceCause } from './errors/reduce-cause'
import { createAnnouncer } from './session/announcer'
import { createAuthorizer } from './session/authorizer'
import { createCallsInOrder } from './session/calls-in-order'
import { createClientTokens } from './session/client-tokens'
import { keepFresh, pageWakeEvents } from './session/keep-fresh'
import { needsRefreshToken } from './session/needs-refresh-token'
import { createPlainFetch } from './session/plain-fetch'
import { createReach } from './session/reach'
import { createRefreshExchange } from './session/refresh-exchange'
import { createRefreshFlight } from './session/refresh-flight'
import { createRefreshHold } from './session/refresh-hold'
import { createRefusalCooldown } from './session/refusal-cooldown'
import { createReporter } from './session/report'
import { createSessionStore } from './session/session-store'
import { createSignOut } from './session/sign-out'
import { systemClock } from './session/system-clock'
import { anyToken, createTokenSource } from './session/token-source'
import { createWithholding } from './session/withholding'
import { memoryStorage } from './storages/memory-storage'
import { fetchWithAuth, isLent } from './transports/fetch'

/** What the options that are left out mean. Durations are in ms. */
export const defaults = {
  scheme: 'Bearer',
  signOutOnSecondRefusal: false,
  refreshWithoutToken: false,
  refreshAheadMs: 60_000,
  minValidityMs: 5_000,
  refreshTimeoutMs: 10_000,
  refreshRetries: 2,
  refreshCooldownMs: 5_000,
  wakeEvents: pageWakeEvents,
}

/**
 * Makes a session, and a `fetch` that uses it. axios, ky and whatever takes a `fetch` plug into the same session.
 *
 * @throws ConfigurationError `AUTH_CONFIGURATION` names the option that cannot work, and the fix
 */
export function createAuthClient(options?: AuthClientOptions): AuthClient
export function createAuthClient(options: TokenlessAuthClientOptions): AuthClient
export function createAuthClient(given: AnyAuthClientOptions = {}): AuthClient {
  checkOptions(given)
  const header = (given.header ?? 'authorization').toLowerCase()
  // named first: after what is spread it would cost each client a hidden class of its own
  const options = { header, ...defaults, ...withoutUndefined(given) }
  options.header = header
  const { clock = systemClock, storage = memoryStorage() } = options
  if (options.refreshWithoutToken && typeof document !== 'undefined' && (!storage.lock || storage.pageOnly)) {
    throw new ConfigurationError(
      "refreshWithoutToken needs a storage whose lock the tabs share, since they share the cookie: use tabStorage of 'tokenflight/web-storage'.",
    )
  }
  const platformFetch = globalThis.fetch
  // an app may put a session's fetch in the place of the platform's
  const send = (): typeof globalThis.fetch =>
    given.fetch ?? (isLent(globalThis.fetch) ? platformFetch : globalThis.fetch)
  const { report, foreign } = createReporter(given.onError, reduceCause)
  const { policy, resolve, baseUrl } = createReach(given, report)
  const plainFetch = createPlainFetch(send, resolve)
  const announcer = createAnnouncer(clock, report)
  const store = createSessionStore({ storage, clock, announcer, report, foreign, options })
  // a plain property, written before anybody is told: an accessor would cost each client a hidden class of its own
  const client: { state: AuthClient['state'] } = { state: store.snapshot() }
  store.watch(() => {
    client.state = store.snapshot()
  })
  const calls = createCallsInOrder()
  const { signOut, revokeLate } = createSignOut({ store, calls, clock, fetch: plainFetch, options, foreign })
  const hold = createRefreshHold(clock, options.refreshCooldownMs)
  const cooldown = createRefusalCooldown(store, clock, options.refreshCooldownMs)
  const refresher = tellingWhenItStarts(tokenless(given))
  const flight = createRefreshFlight({
    store,
    storage,
    clock,
    announcer,
    hold,
    cooldown,
    revokeLate,
    report,
    options,
    onStorageError: store.storageFailed,
    exchange:
      refresher &&
      createRefreshExchange({
        refresh: refresher.refresh,
        fetch: plainFetch,
        clock,
        random: given.random ?? Math.random,
        foreign,
        options: {
          ...options,
          rejectedStatuses: given.rejectedStatuses ?? (options.refreshWithoutToken ? [401] : [400, 401]),
        },
      }),
  })
  const source = createTokenSource({ store, flight, clock, options })
  const authorizer = createAuthorizer({
    store,
    source,
    flight,
    cooldown,
    announcer,
    report,
    policy,
    options,
    withholding: createWithholding(store, announcer),
    isRefresherStarting: () => refresher?.isStarting() ?? false,
  })
  const stopKeepingFresh = options.keepFresh ? keepFresh({ store, flight, clock, report, options }) : () => {}

  async function ready(signal?: AbortSignal): Promise<AuthClient['state']> {
    signal?.throwIfAborted()
    await source.known({ need: anyToken, signal })
    return store.snapshot()
  }
  /** S2: while somebody looks at the state it becomes known without a request. Importing a module on a server must not send anything. */
  let isLookedAt = typeof document !== 'undefined'
  function restore(): void {
    if (isLookedAt && store.state().status === 'restoring')
      void Promise.resolve()
        .then(() => ready())
        .catch(() => {})
  }
  restore()
  // S6: another tab's sign-in, whose tokens are not in reach here
  store.watch((state, before) => {
    if (state.epoch !== before.epoch) restore()
  })

  return Object.assign(
    client,
    authorizer,
    createClientTokens({ store, source, flight, hold, cooldown, calls, clock, announcer, revokeLate }),
    {
      signOut,
      baseUrl: baseUrl?.href,
      fetch: fetchWithAuth(authorizer, send, resolve),
      ready: ({ signal }: { readonly signal?: AbortSignal } = {}) => ready(signal),
      subscribe(listener: () => void) {
        isLookedAt = true
        restore()
        return store.subscribe(listener)
      },
      on: announcer.on,
      dispose() {
        stopKeepingFresh()
        store.dispose()
      },
    },
  )
}

/** An option that is there but undefined counts as left out, also without `exactOptionalPropertyTypes`. */
function withoutUndefined(options: AnyAuthClientOptions): AnyAuthClientOptions {
  const copy = { ...options }
  for (const name of Object.keys(copy)) if (Reflect.get(copy, name) === undefined) Reflect.deleteProperty(copy, name)
  return copy
}

/** Both kinds of refreshers as one: the session refreshes without a refresh token only where the option says so. */
function tokenless(options: AnyAuthClientOptions): TokenlessRefresher | undefined {
  if (options.refreshWithoutToken) return options.refresh
  return options.refresh && needsRefreshToken(options.refresh)
}

/** Q4: a request made in the very call that starts the refresher can be told, and must not wait for it. */
function tellingWhenItStarts(refresh: TokenlessRefresher | undefined) {
  if (!refresh) return undefined
  let starting = false
  return {
    isStarting: () => starting,
    refresh: ((context) => {
      starting = true
      try {
        return refresh(context)
      } finally {
        starting = false
      }
    }) satisfies TokenlessRefresher,
  }
}
