import type { JWT } from 'next-auth/jwt'
import type { MaybePromise } from '../../core/maybe-promise'
import { ConfigurationError } from '../../errors/configuration-error'
import type { SessionCookieAttributes } from './cookie'

/** How next-auth writes and reads its JWT: `encode` and `decode` of `next-auth/jwt`. */
export interface JwtCodec {
  encode(params: { token: JWT; secret: string; salt: string; maxAge: number }): MaybePromise<string>
  decode(params: { token: string; secret: string; salt: string }): MaybePromise<JWT | null>
}

export interface CookieOptions {
  /** next-auth's own. Several while one takes the place of another: the first writes. @defaultValue `NEXTAUTH_SECRET`, else `AUTH_SECRET` */
  readonly secret?: string | readonly string[] | undefined
  /** Does the session cookie's name begin with `__Secure-`? @defaultValue what `NEXTAUTH_URL` or `AUTH_URL` says, else either, that one first */
  readonly secureCookie?: boolean
  /** Where the app has renamed it (`cookies.sessionToken.name`). @defaultValue the names of v4 and v5 */
  readonly cookieName?: string
  /** Where the app has changed them (`cookies.sessionToken.options`). @defaultValue next-auth's: `HttpOnly; SameSite=Lax; Path=/` */
  readonly cookieAttributes?: Partial<Omit<SessionCookieAttributes, 'expires'>>
  /** The app's `session.maxAge`, but in ms. @defaultValue 30 days */
  readonly maxAgeMs?: number
  /** Where the app has functions of its own (`jwt.encode`, `jwt.decode`). @defaultValue those of `next-auth/jwt` */
  readonly jwt?: JwtCodec
}

/** The options, with what they leave out. */
export interface CookieSettings extends Pick<CookieOptions, 'secret' | 'secureCookie' | 'jwt'> {
  /** The first that is there counts. */
  readonly names: readonly string[]
  readonly maxAgeMs: number
  readonly attributes: Partial<Omit<SessionCookieAttributes, 'expires'>>
}

const day = 86_400_000
const baseNames = ['authjs.session-token', 'next-auth.session-token']

export function cookieSettings(options: CookieOptions): CookieSettings {
  const { cookieName, secureCookie = securedByUrl(), maxAgeMs = 30 * day, cookieAttributes = {} } = options
  const prefixes = secureCookie === undefined ? ['__Secure-', ''] : [secureCookie ? '__Secure-' : '']
  const names =
    cookieName === undefined ? prefixes.flatMap((prefix) => baseNames.map((name) => prefix + name)) : [cookieName]
  return {
    names,
    maxAgeMs,
    attributes: cookieAttributes,
    ...(options.secret !== undefined && { secret: options.secret }),
    ...(options.secureCookie !== undefined && { secureCookie: options.secureCookie }),
    ...(options.jwt && { jwt: options.jwt }),
  }
}

/** The app says where it is: then a cookie of the other kind was not made by it. */
function securedByUrl(): boolean | undefined {
  const url = environment('NEXTAUTH_URL') ?? environment('AUTH_URL')
  return url === undefined ? undefined : url.startsWith('https:')
}

/** Never empty. @throws ConfigurationError `AUTH_CONFIGURATION` where there is none */
export function secrets({ secret }: Pick<CookieSettings, 'secret'>): readonly [string, ...string[]] {
  const given = secret ?? environment('NEXTAUTH_SECRET') ?? environment('AUTH_SECRET')
  const [first, ...more] = typeof given === 'string' ? [given] : (given ?? [])
  if (first === undefined || first === '') {
    throw new ConfigurationError(
      "createNextAuthServer needs next-auth's secret: set NEXTAUTH_SECRET (v4) or AUTH_SECRET (v5), or the option secret.",
    )
  }
  return [first, ...more]
}

/** Loaded when it is needed: in plain Node, and where only the callbacks are used, next-auth itself is not. */
export const codec = async ({ jwt }: Pick<CookieSettings, 'jwt'>): Promise<JwtCodec> => jwt ?? import('next-auth/jwt')

// Read when it is needed: frameworks fill it late.
const environment = (name: string): string | undefined => globalThis.process?.env[name] || undefined
