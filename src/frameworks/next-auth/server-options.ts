import type { AuthClientOptions } from '../../core/auth-client-options'
import { createAuthClient } from '../../create-auth-client'
import { ConfigurationError } from '../../errors/configuration-error'
import type { GraceStore } from '../../sharing/grace-store'
import type { CookieOptions } from './cookie-settings'
import type { FederatedChoice } from './federated-options'
import { federatedProblem } from './federated-problem'
import type { NextAuthRefresher } from './rotation'

/** What the client of a request can be told: as for `createAuthClient`. */
type ClientOptions = Pick<
  AuthClientOptions,
  | 'baseUrl'
  | 'allowedOrigins'
  | 'dangerouslyAllowInsecureHttp'
  | 'header'
  | 'scheme'
  | 'authenticate'
  | 'isTokenRefused'
  | 'signOutOnSecondRefusal'
  | 'refreshAheadMs'
  | 'minValidityMs'
  | 'refreshTimeoutMs'
  | 'refreshRetries'
  | 'refreshCooldownMs'
  | 'rejectedStatuses'
  | 'fetch'
  | 'clock'
  | 'random'
  | 'onError'
>

/** All options of `createNextAuthServer`. Durations are in ms. */
export interface NextAuthServerOptions extends ClientOptions, CookieOptions {
  /** How a refresh is spoken: one refresher, or one for each provider under its id. */
  readonly refresh: NextAuthRefresher | Readonly<Record<string, NextAuthRefresher>>
  /** Where the outcomes of refreshes are shared: `redisGraceStore` for many processes. @defaultValue the memory of this process */
  readonly store?: GraceStore
  /** How long a cookie that was rotated away still gets the tokens that took its place (ms). @defaultValue `30_000` */
  readonly graceMs?: number
  /** Where next-auth's own routes are. @defaultValue `'/api/auth'` */
  readonly basePath?: string
  /** Signs out at the provider too: for the one there is, or for each under its id. */
  readonly federated?: FederatedChoice
}

const day = 86_400_000

/** The options that a request's client shares. @throws ConfigurationError `AUTH_CONFIGURATION` names the option and the fix */
export function clientOptions(options: NextAuthServerOptions): AuthClientOptions {
  check(typeof options === 'object' && options !== null, 'takes an object of options, for example { baseUrl, refresh }')
  const { refresh, store, graceMs, basePath, federated, ...rest } = options
  const { secret, secureCookie, cookieName, cookieAttributes, maxAgeMs, jwt, ...client } = rest
  check(isSecret(secret), 'secret: takes a string, or several')
  check(areFunctions(refresh), 'refresh: takes a function, or an object with one for each provider under its id')
  check(isDuration(graceMs, 0), 'graceMs: takes a number of milliseconds from 0 to a day')
  check(
    isDuration(maxAgeMs, 1_000, 400),
    "maxAgeMs: takes next-auth's session.maxAge times 1000, in ms, up to 400 days",
  )
  check(basePath === undefined || /^\/[^?#]*[^/?#]$/.test(basePath), "basePath: takes a path such as '/api/auth'")
  check(cookieName === undefined || /^[\w!#$%&'*+.^`|~-]+$/.test(cookieName), 'cookieName: takes the name of a cookie')
  check(
    store === undefined || hasMethods(store, 'get', 'set', 'delete', 'lock'),
    'store: takes a GraceStore, for example redisGraceStore(client)',
  )
  check(
    jwt === undefined || hasMethods(jwt, 'encode', 'decode'),
    "jwt: takes { encode, decode }, for example those of 'next-auth/jwt'",
  )
  check(typeof document === 'undefined', 'is for servers: in the browser use tokenflight/next-auth')
  const problem = federatedProblem(federated)
  check(problem === undefined, `federated: ${problem}`)
  // Says now what it would say at the first request.
  createAuthClient(client)
  return client
}

/** An empty one is said where it is needed: builds have no environment. */
const isSecret = (secret: unknown): boolean => {
  const all = [secret].flat()
  return secret === undefined || (all.length > 0 && all.every((one) => typeof one === 'string'))
}

const areFunctions = (refresh: unknown): boolean =>
  typeof refresh === 'function' ||
  (typeof refresh === 'object' && refresh !== null && Object.values(refresh).every((one) => typeof one === 'function'))

const hasMethods = (value: object, ...names: string[]): boolean =>
  names.every((name) => typeof Reflect.get(value, name) === 'function')

const isDuration = (ms: number | undefined, least: number, days = 1): boolean =>
  ms === undefined || (ms >= least && ms <= days * day)

function check(holds: boolean, problem: string): void {
  if (!holds) throw new ConfigurationError(`createNextAuthServer: ${problem}.`)
}
