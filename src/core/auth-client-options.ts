import type { Authenticate, RequestFacts, ResponseFacts } from './authorizer'
import type { Clock } from './clock'
import type { MaybePromise } from './maybe-promise'
import type { Refresher, TokenlessRefresher } from './refresher'
import type { TokenSet } from './token-set'
import type { TokenStorage } from './token-storage'

/** What `revoke` gets. */
export interface RevokeContext {
  /** The tokens of the session that ended. */
  readonly tokens: TokenSet
  /** `tokens.refreshToken`: what RFC 7009 would have you revoke. */
  readonly refreshToken: string | undefined
  /** Like a refresher's: it bypasses the client. With `keepalive`, so that it survives the page. */
  readonly fetch: typeof globalThis.fetch
  /** Aborts after `refreshTimeoutMs`. */
  readonly signal: AbortSignal
}

/** Options that every client has. Durations are in ms. */
interface CommonOptions {
  /** What relative URLs are appended to; its origin gets the token. In a browser relative to the page. @defaultValue the page's own origin */
  readonly baseUrl?: string | URL
  /** Further origins that get the token: exact ones, or a predicate that counts only if it returns exactly `true`. */
  readonly allowedOrigins?: readonly string[] | ((url: URL) => boolean)
  /** Sends the token over plain `http:` too, not only on loopback. @defaultValue `false` */
  readonly dangerouslyAllowInsecureHttp?: boolean
  /** The header that carries the token. @defaultValue `'authorization'` */
  readonly header?: string
  /** What stands before the token (RFC 9110 §11.1); `''` for the bare token. @defaultValue `'Bearer'` */
  readonly scheme?: string
  /** Decides for requests that do not say themselves whether they take part. @defaultValue `() => true` */
  readonly authenticate?: (request: RequestFacts) => Authenticate
  /**
   * Does this response mean that the token was not accepted? Sees every status, also of resends.
   * @defaultValue a 401, unless its challenge says otherwise (RFC 6750 §3.1, RFC 9470)
   */
  readonly isTokenRefused?: (response: ResponseFacts, request: RequestFacts) => MaybePromise<boolean>
  /** Signs out when a request is refused again after it was sent with another token. @defaultValue `false` */
  readonly signOutOnSecondRefusal?: boolean

  /** Where the session lives. @defaultValue `memoryStorage()` */
  readonly storage?: TokenStorage

  /** Refresh in the background when less than this is left of the access token; at most a quarter of its lifetime. @defaultValue `60_000` */
  readonly refreshAheadMs?: number
  /** Requests wait for the refresh when less than this is left; at most a tenth of its lifetime. @defaultValue `5_000` */
  readonly minValidityMs?: number
  /** How long a request waits, a refresh or a storage call may take, and a lock is held. @defaultValue `10_000` */
  readonly refreshTimeoutMs?: number
  /** How often a refresh that was *unavailable* is tried again at once, with growing pauses. @defaultValue `2` */
  readonly refreshRetries?: number
  /** How long refusals start no refresh after one that did not help; also the first cooldown of an outage. @defaultValue `5_000` */
  readonly refreshCooldownMs?: number
  /**
   * The statuses of the token endpoint that end the session where its answer has no OAuth code.
   * @defaultValue `[400, 401]`; `[401]` with `refreshWithoutToken`
   */
  readonly rejectedStatuses?: readonly number[]
  /** Refreshes ahead of time without a request. @defaultValue `false` */
  readonly keepFresh?: boolean
  /**
   * When `keepFresh` looks again besides its own tick: subscribes `wake`, returns the unsubscribe function.
   * @defaultValue `visibilitychange`, `focus`, `online` and `pageshow`, where there is a page
   */
  readonly wakeEvents?: (wake: () => void) => (() => void) | undefined

  /** Ends the tokens at the authorization server after a sign-out (RFC 7009). Best effort. */
  readonly revoke?: (context: RevokeContext) => MaybePromise<unknown>
  /** Where a browser goes to end the authorization server's own session; `signOut()` resolves with it. */
  readonly endSessionUrl?: string | URL | ((tokens: TokenSet) => MaybePromise<string | URL | undefined>)

  /** What requests are sent with. @defaultValue `globalThis.fetch`, looked up at each request */
  readonly fetch?: typeof globalThis.fetch
  /** @defaultValue the system's */
  readonly clock?: Clock
  /** For the jitter of retries; from 0 to less than 1. @defaultValue `Math.random` */
  readonly random?: () => number
  /**
   * Gets what handlers, listeners and callbacks of yours throw, and whole what the errors of this library show only reduced:
   * it may hold secrets. @defaultValue `reportError` where there is one, else `console.error`; for the first kind only
   */
  readonly onError?: (error: unknown) => void
}

/** All options of `createAuthClient`. Durations are in ms. */
export interface AuthClientOptions extends CommonOptions {
  /** How a refresh is spoken. Without it a refused token ends the session at once. */
  readonly refresh?: Refresher
  /** @defaultValue `false` */
  readonly refreshWithoutToken?: false
}

/** All options of a client whose refresh works by an HttpOnly cookie: there is no refresh token in reach. */
export interface TokenlessAuthClientOptions extends CommonOptions {
  /** How a refresh is spoken; tokens may be missing in its context. */
  readonly refresh: TokenlessRefresher
  /** In a browser the storage must be shared by the tabs, since the cookie is: `tabStorage` of `tokenflight/web-storage`. */
  readonly refreshWithoutToken: true
}

export type AnyAuthClientOptions = AuthClientOptions | TokenlessAuthClientOptions
