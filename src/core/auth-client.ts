import type { AuthEventName, AuthEvents } from './auth-events'
import type { Authenticate, Authorizer } from './authorizer'
import type { SessionSnapshot } from './session-state'
import type { TokenInput, TokenSet } from './token-set'

/** `fetch`'s init, and whether this request takes part. */
export interface AuthRequestInit extends RequestInit {
  /**
   * `false`: sent untouched · `'required'`: rejects with `UnauthenticatedError` before it is sent when nobody is signed in ·
   * `true`: overrules the client's `authenticate` option.
   */
  readonly authenticate?: Authenticate
}

/** A `fetch` that sends with the session's token. Bound, and assignable wherever a library asks for a fetch. */
export type AuthFetch = ((input: RequestInfo | URL, init?: AuthRequestInit) => Promise<Response>) &
  typeof globalThis.fetch

/** What came of a sign-out beyond this client. */
export interface SignOutResult {
  /** Did the authorization server end the tokens (RFC 7009)? `false` without a `revoke` option. */
  readonly revoked: boolean
  /** Why not, where it was tried. */
  readonly error?: unknown
  /** Where to send the browser to end the authorization server's own session (OpenID Connect RP-Initiated Logout). */
  readonly endSessionUrl?: string
}

export interface GetAccessTokenOptions {
  /** At least so much must be left of it (ms), but never more than half its lifetime. @defaultValue the client's `minValidityMs` */
  readonly minValidityMs?: number
  /** Refresh first, also when the token is still valid. @defaultValue `false` */
  readonly forceRefresh?: boolean
  readonly signal?: AbortSignal
}

/** A session that any HTTP client can borrow. */
export interface AuthClient extends Authorizer {
  /** The session without its tokens: stable by reference while nothing in it changes. */
  readonly state: SessionSnapshot
  /** What relative URLs are appended to; `undefined` where the client was given none and there is no page. */
  readonly baseUrl: string | undefined
  readonly fetch: AuthFetch
  /**
   * A new session, of this user, from now on. A session before it ends as `replaced`. Takes effect at once; resolves when it is stored.
   * @throws InvalidTokenError `AUTH_INVALID_TOKEN` names the field that cannot be used
   * @throws UnauthenticatedError `AUTH_UNAUTHENTICATED` when a later `signIn` or `signOut` took effect while a `Response` was being read
   */
  signIn(tokens: TokenInput): Promise<void>
  /**
   * Newer tokens of the same session, which your app got by itself. What they lack is kept.
   * @throws InvalidTokenError `AUTH_INVALID_TOKEN` · UnauthenticatedError `AUTH_UNAUTHENTICATED` when nobody is signed in
   */
  setTokens(tokens: TokenInput): Promise<void>
  /**
   * Ends the session here and for all who share its storage, then at the authorization server, as well as that can be done. Never rejects;
   * twice at once is once, with the same result.
   */
  signOut(): Promise<SignOutResult>
  /**
   * The access token, refreshed first where that is needed: for a WebSocket, an EventSource, an SDK of its own.
   * @throws UnauthenticatedError `AUTH_UNAUTHENTICATED` · RefreshUnavailableError `AUTH_REFRESH_UNAVAILABLE` ·
   * RefreshMisconfiguredError · InteractionRequiredError · StorageError
   */
  getAccessToken(options?: GetAccessTokenOptions): Promise<string>
  /** The tokens as they are now, without refreshing; `undefined` while nobody is signed in. */
  getTokens(): TokenSet | undefined
  /**
   * Resolves with the state once it is known (not `restoring`): for route guards.
   * @throws StorageError, RefreshUnavailableError … (retryable) while it cannot be known
   */
  ready(options?: { readonly signal?: AbortSignal }): Promise<SessionSnapshot>
  /** Calls back whenever `state` has changed. Returns the unsubscribe function. */
  subscribe(listener: () => void): () => void
  /** Calls back on an event; `'*'` gets all, as `(name, event)`. Returns the unsubscribe function. */
  on<Name extends AuthEventName>(name: Name, handler: (event: AuthEvents[Name]) => void): () => void
  on(name: '*', handler: (name: AuthEventName, event: AuthEvents[AuthEventName]) => void): () => void
  /** Stops listening and ticking. Signs nobody out; requests under way go on. */
  dispose(): void
}
