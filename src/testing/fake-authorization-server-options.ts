import type { Clock } from '../core/clock'
import type { TokenResponse } from '../core/token-set'
import type { ChallengeStyle } from './authorization-server/challenge'
import type { ApiHandler } from './authorization-server/protected-api'
import type { ServerRoute } from './authorization-server/server-exchange'
import type { ReusePolicy } from './authorization-server/token-families'

/** Where the server's own endpoints are. Everything else is the protected API. */
export type ServerPaths = Readonly<Record<Exclude<ServerRoute, 'api'>, string>>

export interface FakeAuthorizationServerOptions {
  /** Lifetime of an access token (ms, from 1 up; `expires_in` is in seconds and may be a fraction). @defaultValue `300_000` */
  readonly accessTokenTtlMs?: number
  /** Each refresh gives a new refresh token and ends the old. @defaultValue `true` */
  readonly rotate?: boolean
  /**
   * When a refresh token that was rotated away is used again: `revokeFamily` ends everything that came of that sign-in
   * (RFC 9700 §4.14) · `deny`: only this request is refused · `grace`: it works for `graceMs` more, then as `revokeFamily`.
   * @defaultValue `'revokeFamily'`
   */
  readonly reuse?: ReusePolicy
  /** @defaultValue `10_000` */
  readonly graceMs?: number
  /** How the protected API refuses. @defaultValue `'aspnet'` */
  readonly challenge?: ChallengeStyle
  /** `jwt`: unsigned, with `iss`, `sub`, `iat`, `exp` and `jti`. @defaultValue `'opaque'` */
  readonly tokenFormat?: 'opaque' | 'jwt'
  /** `iss`. @defaultValue `'https://authorization-server.example'` */
  readonly issuer?: string
  /** What every token begins with (in a JWT: its `jti`): makes a leaked one easy to find. @defaultValue `'fake-'` */
  readonly tokenPrefix?: string
  /** Where `POST /auth/login` puts the refresh token. @defaultValue `'body'` */
  readonly refreshTokenIn?: 'body' | 'cookie'
  /**
   * Makes the JSON of each answer with tokens, for servers that write it in their own way.
   * @defaultValue RFC 6749 §5.1 to a request with `refresh_token`, camelCase to one with `refreshToken`, a cookie or a login
   */
  readonly answer?: (tokens: TokenResponse) => unknown
  /** What the protected API answers when it lets a request in. @defaultValue an `Echo` of the request, as JSON */
  readonly api?: ApiHandler
  /** Only what begins with this is the protected API; what is neither is answered 404. @defaultValue `'/'` */
  readonly apiPath?: string
  /**
   * Paths of the endpoints. @defaultValue `token: '/token'`, `revoke: '/revoke'`, `endSession: '/end-session'`,
   * `login: '/auth/login'`, `refresh: '/auth/refresh'`, `logout: '/auth/logout'`
   */
  readonly paths?: Partial<ServerPaths>
  /** The header the protected API looks into. @defaultValue `'authorization'` */
  readonly header?: string
  /** What the token follows in it; empty: nothing. @defaultValue `'Bearer'` */
  readonly scheme?: string
  /** Let pages of other origins call it, cookies included: all, or those for which the function is true. @defaultValue `false` */
  readonly cors?: boolean | ((origin: string) => boolean)
  /**
   * The server's time. It counts on `monotonic()`: turning the wall clock of a clock that is shared with a client makes the client's
   * clock wrong, never the server's. @defaultValue real time
   */
  readonly clock?: Clock
}
