import type { NextRequest, NextResponse } from 'next/server'
import type NextAuth from 'next-auth'
import type { AuthClient } from '../../core/auth-client'
import { defaults } from '../../create-auth-client'
import { reduceCause } from '../../errors/reduce-cause'
import { createReporter } from '../../session/report'
import { cookieSettings } from './cookie-settings'
import { createFederatedSignOut, type EndSessionRequest } from './federated-sign-out'
import { jwtCallback } from './jwt-callback'
import type { JwtTokens } from './jwt-tokens'
import { type ReachCookies, type RequestCookies, reachCookies, reachNextCookies } from './next-cookies'
import { createSessionProxy, type OwnProxy } from './proxy'
import { createRenew } from './renew'
import { requestClient } from './request-client'
import { createRotation } from './rotation'
import { clientOptions, type NextAuthServerOptions } from './server-options'
import { sessionCallback } from './session-callback'
import { sessionCookie } from './session-cookie'
import type { SessionTokens } from './session-tokens'
import { signOutEvent } from './sign-out-event'
import { createWriteSession } from './write-session'

export type { GraceStore } from '../../sharing/grace-store'
export type { RequestCookie, SessionCookieAttributes } from './cookie'
export type { CookieOptions, JwtCodec } from './cookie-settings'
export type { FederatedOptions } from './federated-options'
export type { EndSessionRequest } from './federated-sign-out'
export type { JwtTokens, SessionErrorName } from './jwt-tokens'
export type { RequestCookies } from './next-cookies'
export type { OwnProxy } from './proxy'
export type { NextAuthRefreshContext, NextAuthRefresher } from './rotation'
export type { NextAuthServerOptions } from './server-options'
export type { SessionTokens } from './session-tokens'

declare module 'next-auth' {
  interface Session extends SessionTokens {}
}

declare module 'next-auth/jwt' {
  interface JWT extends JwtTokens {}
}

/** next-auth's own configuration, of the version that is installed: `NextAuthOptions` of v4, `NextAuthConfig` of v5. */
type NextAuthConfig = Extract<Parameters<typeof NextAuth>[number], { providers: unknown[] }>
type Callbacks = NonNullable<NextAuthConfig['callbacks']>
type Events = NonNullable<NextAuthConfig['events']>
type Present<Given, Names extends keyof Given> = Omit<Given, Names> & { [Name in Names]-?: NonNullable<Given[Name]> }

/** Where a request's cookies are, outside of Next's app router. */
export interface ForRequest {
  /** @defaultValue those of the request that Next is handling */
  readonly cookies?: RequestCookies
}

/** The sessions of an app with next-auth, on its server. */
export interface NextAuthServer {
  /**
   * next-auth's callbacks: `jwt` keeps the tokens up to date, `session` shows the browser what it may see. The app's own come first, and
   * keep what they put there; those that throw, or return `null` (v5), do what they do without this library.
   *
   * A sign-in stores the tokens of the provider's `account`, or those that `authorize` returned; an own `jwt` that sets `accessToken`
   * and the like has the last word. From then on one refresh serves all requests that bring the same cookie. An outage changes nothing.
   * Once the refresh token is rejected, the session has `error: 'RefreshTokenRejected'` and no access token.
   */
  callbacks(own?: Callbacks): Present<Callbacks, 'jwt' | 'session'>
  /**
   * next-auth's events: `signOut` ends the tokens with the session, here for requests under way, and at the provider where `federated`
   * says how (RFC 7009). The app's own come first.
   */
  events(own?: Events): Present<Events, 'signOut'>
  /**
   * A client for the request that is being handled. In a route handler, a server action and in proxy.ts it refreshes, and writes the
   * cookie. While a server component renders cookies cannot be written: there it uses the token that is there, and where that has
   * expired its requests reject with `RefreshUnavailableError`.
   * @throws ConfigurationError `AUTH_CONFIGURATION` for options of `createAuthClient` that cannot work, and what Next throws outside a request
   */
  forRequest(options?: ForRequest): Promise<AuthClient>
  /**
   * For proxy.ts: refreshes ahead, so that server components find a token that is good for a while, and writes the cookie twice: for
   * them and for the browser. Prefetches and next-auth's own routes refresh nothing. `own` gets the request with the new cookie.
   * @throws ConfigurationError `AUTH_CONFIGURATION` in the Edge runtime, unless there is a `store`: its memory is not that of next-auth's routes
   */
  proxy(request: NextRequest, own?: OwnProxy): Promise<NextResponse>
  /**
   * Where the browser ends the provider's own session (OpenID Connect RP-Initiated Logout 1.0 §2): ask before next-auth's `signOut`, and
   * go there after it. `undefined` while nobody is signed in, and for a provider that `federated` does not name.
   * @throws ConfigurationError `AUTH_CONFIGURATION` where neither the options nor discovery tell the endpoint
   */
  signOutUrl(request?: Omit<EndSessionRequest, 'idToken'> & ForRequest): Promise<string | undefined>
}

/**
 * Sessions of next-auth, v4 and v5, whose tokens are refreshed once for all.
 * @throws ConfigurationError `AUTH_CONFIGURATION` names the option that cannot work, and the fix
 */
export function createNextAuthServer(options: NextAuthServerOptions): NextAuthServer {
  const client = clientOptions(options)
  const { basePath = '/api/auth', clock = { now: Date.now } } = options
  const now = (): number => clock.now()
  const reporter = createReporter(options.onError, reduceCause)
  // Q5: a callback of next-auth has no caller to tell. Whole to the app's handler; to the console without secrets (X1).
  const report = (error: unknown): void => reporter.report(options.onError ? error : reduceCause(error))
  const rotation = createRotation({ ...options, report })
  const windows = { ...defaults, ...client }
  const renew = createRenew({ rotation, windows, now, report })
  const cookie = sessionCookie(cookieSettings(options))
  const federated = createFederatedSignOut(options.federated)
  // looked up at each request
  const fetch: typeof globalThis.fetch = (...request) => (options.fetch ?? globalThis.fetch)(...request)
  const reach = (given: RequestCookies | undefined): ReachCookies => (given ? reachCookies(given) : reachNextCookies)
  const write = createWriteSession(cookie)
  const callbackParts = { renew, rotation, now, cookies: reachNextCookies, write, report }

  const signOutParts = {
    rotation,
    federated,
    now,
    timeoutMs: windows.refreshTimeoutMs,
    fetch,
    report,
  }

  return {
    callbacks: (own) => ({ ...own, jwt: jwtCallback(callbackParts, own?.jwt), session: sessionCallback(own?.session) }),
    events: (own) => ({ ...own, signOut: signOutEvent(signOutParts, own?.signOut) }),
    async forRequest({ cookies } = {}) {
      const reached = reach(cookies)
      // At once: Next must hear that this rendering depends on the request.
      await reached()
      return requestClient(reached, { cookie, renew, rotation, federated, fetch, options: client, now, report })
    },
    proxy: createSessionProxy({ cookie, renew, basePath, hasStore: options.store !== undefined }),
    async signOutUrl({ cookies, ...request } = {}) {
      const found = await cookie.find((await reach(cookies)()).sent)
      return found && federated.endSessionUrl(found.jwt.provider, { ...request, idToken: found.jwt.idToken }, { fetch })
    },
  }
}
