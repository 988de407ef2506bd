import type { TokenResponse } from '../core/token-set'
import { systemClock } from '../session/system-clock'
import { createCors } from './authorization-server/cors'
import { createEndpoint } from './authorization-server/endpoint'
import { createExchangeLog } from './authorization-server/exchange-log'
import { createFaultQueue, type FaultPlan } from './authorization-server/fault-plan'
import { createGates, type Gate, type HoldOptions } from './authorization-server/gate'
import { createProtectedApi } from './authorization-server/protected-api'
import { noCounts, type ServerCounts } from './authorization-server/server-counts'
import type { ExchangeNotes, ServerExchange, ServerRoute } from './authorization-server/server-exchange'
import { serverTime } from './authorization-server/server-time'
import { createTokenEndpoints, invalidGrant } from './authorization-server/token-endpoints'
import { type AccessTokenFacts, createTokenFamilies } from './authorization-server/token-families'
import { unsecuredJwt } from './authorization-server/unsecured-jwt'
import type { FakeAuthorizationServerOptions, ServerPaths } from './fake-authorization-server-options'
import { inMemoryFetch } from './in-memory-fetch'

/** An authorization server and the API it protects, in memory. For tests and demos only: its tokens can be guessed. */
export interface FakeAuthorizationServer {
  /** Answers a request, whatever its origin. Bound. @throws ConnectionResetError for the fault `reset` */
  readonly handle: (request: Request) => Promise<Response>
  /** `handle` as a `fetch`: no network, absolute URLs. */
  readonly fetch: typeof globalThis.fetch
  /** A new sign-in, and the tokens of its own as the token endpoint writes them. @defaultValue user: `'user'` */
  signIn(user?: string): TokenResponse
  /** The access tokens issued until now expire now: everybody's, or this user's. */
  expireAccessTokens(user?: string): void
  /** The protected API refuses the access tokens issued until now although they are unexpired: everybody's, or this user's. */
  refuseAccessTokens(user?: string): void
  /** Ends the sign-in that this token came of. */
  revokeFamily(token: string): void
  /** Ends all sign-ins of this user. */
  revokeUser(user: string): void
  /** What the log calls a token: `refresh 2 of family 1`. `undefined` when it is none of this server's. */
  label(token: string): string | undefined
  /** What is to go wrong with requests that refresh (`token`) and with those to the protected API. */
  readonly faults: { readonly token: FaultPlan; readonly api: FaultPlan }
  /** From now on requests that refresh wait at a gate. */
  holdTokenRequests(options?: HoldOptions): Gate
  /** From now on requests to the protected API wait at a gate. */
  holdApiRequests(options?: HoldOptions): Gate
  /** Counted up as requests come in; always the same object. */
  readonly counts: ServerCounts
  resetCounts(): void
  /** Calls back after each exchange, CORS preflights left out. Returns the unsubscribe function. */
  onExchange(listener: (exchange: ServerExchange) => void): () => void
}

const defaultPaths: ServerPaths = {
  token: '/token',
  revoke: '/revoke',
  endSession: '/end-session',
  login: '/auth/login',
  refresh: '/auth/refresh',
  logout: '/auth/logout',
}

/**
 * An authorization server (RFC 6749 refresh with rotation, RFC 7009 revocation, a login and a refresh cookie) and the API it protects.
 * Serve it with {@link serve}, or call `handle` from MSW, nock or a route handler.
 */
export function fakeAuthorizationServer(options: FakeAuthorizationServerOptions = {}): FakeAuthorizationServer {
  const clock = options.clock ?? systemClock
  const now = serverTime(clock)
  const {
    accessTokenTtlMs = 300_000,
    issuer = 'https://authorization-server.example',
    cors = false,
    apiPath = '/',
  } = options
  const counts = noCounts()
  const families = createTokenFamilies({
    accessTokenTtlMs,
    now,
    rotate: options.rotate ?? true,
    reuse: options.reuse ?? 'revokeFamily',
    graceMs: options.graceMs ?? 10_000,
    tokenPrefix: options.tokenPrefix ?? 'fake-',
    writeAccessToken: options.tokenFormat === 'jwt' ? (facts) => jwtOf(issuer, facts) : ({ id }) => id,
  })
  const tokens = createTokenEndpoints({
    families,
    counts,
    expiresInSeconds: accessTokenTtlMs / 1000,
    refreshTokenIn: options.refreshTokenIn ?? 'body',
    answer: options.answer,
  })
  const api = createProtectedApi({
    families,
    counts,
    style: options.challenge ?? 'aspnet',
    header: options.header ?? 'authorization',
    scheme: options.scheme ?? 'Bearer',
    handler: options.api,
  })
  const faults = { token: createFaultQueue(), api: createFaultQueue() }
  const gates = { token: createGates(), api: createGates() }
  const tokenEndpoint = createEndpoint({ clock, gates: gates.token, faults: faults.token })
  const apiEndpoint = createEndpoint({ clock, gates: gates.api, faults: faults.api })
  const log = createExchangeLog(now)
  const pages = cors === false ? undefined : createCors(cors === true ? () => true : cors)
  const routeOf = createRouter({ ...defaultPaths, ...options.paths })

  function answer(request: Request, route: ServerRoute, notes: ExchangeNotes): Promise<Response> | Response {
    if (route !== 'api' && route !== 'endSession' && request.method !== 'POST') {
      return new Response(null, { status: 405, headers: { allow: 'POST' } })
    }
    switch (route) {
      case 'token':
      case 'refresh':
        counts.tokenRequests += 1
        return tokenEndpoint(
          request,
          () => tokens.refresh(request, route, notes),
          () => invalidGrant(route),
        )
      case 'api':
        counts.api.requests += 1
        return apiEndpoint(request, () => api.handle(request, notes), api.refuse)
      case 'login':
        return tokens.login(request, notes)
      case 'logout':
        return tokens.logout(request, notes)
      case 'revoke':
        return tokens.revoke(request, notes)
      case 'endSession':
        return tokens.endSession(request)
    }
  }

  async function handle(request: Request): Promise<Response> {
    const preflight = pages?.preflight(request)
    if (preflight !== undefined) return preflight
    const { pathname } = new URL(request.url)
    const route = routeOf(pathname)
    if (route === 'api' && !pathname.startsWith(apiPath)) return new Response(null, { status: 404 })
    const response = await log.follow(request, route, async (notes) => answer(request, route, notes))
    return pages?.allow(request, response) ?? response
  }

  return {
    handle,
    fetch: inMemoryFetch(handle),
    signIn: (user = 'user') => tokens.wire(families.signIn(user)),
    expireAccessTokens: families.expireAccessTokens,
    refuseAccessTokens: families.refuseAccessTokens,
    revokeFamily(token) {
      counts.familiesRevoked += families.revokeFamily(token)
    },
    revokeUser(user) {
      counts.familiesRevoked += families.revokeUser(user)
    },
    label: families.label,
    faults,
    holdTokenRequests: gates.token.hold,
    holdApiRequests: gates.api.hold,
    counts,
    resetCounts() {
      Object.assign(counts, noCounts(), { api: Object.assign(counts.api, noCounts().api) })
    },
    onExchange: log.subscribe,
  }
}

function createRouter(paths: ServerPaths): (pathname: string) => ServerRoute {
  const routes: ReadonlyMap<string, ServerRoute> = new Map([
    [paths.token, 'token'],
    [paths.revoke, 'revoke'],
    [paths.endSession, 'endSession'],
    [paths.login, 'login'],
    [paths.refresh, 'refresh'],
    [paths.logout, 'logout'],
  ])
  return (pathname) => routes.get(pathname) ?? 'api'
}

const jwtOf = (iss: string, { id, user, issuedAt, expiresAt }: AccessTokenFacts): string =>
  unsecuredJwt({ iss, sub: user, iat: issuedAt / 1000, exp: expiresAt / 1000, jti: id })
