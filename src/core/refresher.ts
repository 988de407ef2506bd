import type { MaybePromise } from './maybe-promise'
import type { TokenInput, TokenNeed, TokenSet } from './token-set'

/**
 * Why a refresh is made. `missing`: no access token yet · `expiring`: ahead of time, nobody waits · `expired`: requests wait ·
 * `refused`: a resource server did not accept the token · `forced`: asked for with `forceRefresh`.
 */
export type RefreshTrigger = 'missing' | 'expiring' | 'expired' | 'refused' | 'forced'

interface AnyRefreshContext extends TokenNeed {
  /**
   * A plain `fetch` that bypasses the client: it carries no access token, joins relative URLs to `baseUrl`,
   * refuses redirects unless `redirect` is set, and reads at most 1 MB.
   */
  readonly fetch: typeof globalThis.fetch
  /** Aborts when the time for the refresh is up. No request's own signal ever reaches it. */
  readonly signal: AbortSignal
  readonly trigger: RefreshTrigger
}

/** What a refresher gets. */
export interface RefreshContext extends AnyRefreshContext {
  /** The tokens to refresh. */
  readonly tokens: TokenSet
  /** `tokens.refreshToken`: what to exchange. */
  readonly refreshToken: string
}

/** What a refresher gets with `refreshWithoutToken`: an HttpOnly cookie does the work, so tokens may be out of reach. */
export interface TokenlessRefreshContext extends AnyRefreshContext {
  readonly tokens?: TokenSet | undefined
  readonly refreshToken?: string | undefined
}

/**
 * How a refresh is spoken. Returns a token set, the token endpoint's JSON or its `Response`, which is read and judged for you.
 * Throwing means *unavailable* (the session stays) unless what is thrown carries a status or an OAuth code that says otherwise,
 * or is a `RefreshRejectedError`.
 */
export type Refresher = (context: RefreshContext) => MaybePromise<TokenInput>

/** A refresher that works without a refresh token in reach (`refreshWithoutToken`). */
export type TokenlessRefresher = (context: TokenlessRefreshContext) => MaybePromise<TokenInput>
