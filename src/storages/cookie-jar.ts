import type { MaybePromise } from '../core/maybe-promise'

/** How a cookie is to be written. Frameworks take an object like this one as it is. */
export interface CookieAttributes {
  readonly path: string
  readonly domain?: string
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  /** As an instant, since `maxAge` means seconds to most frameworks and milliseconds to Express. In the past: delete it. */
  readonly expires: Date
}

/**
 * Where cookies are read and written: Next's `await cookies()` as it is, or a few words around what your framework has
 * (docs/cookies.md). Cookies are deleted by `set` with an instant in the past, since a `__Host-` cookie goes only with the
 * attributes it came with.
 */
export interface CookieJar {
  /** A cookie that came with the request, or its value. */
  get(name: string): MaybePromise<string | { readonly value: string } | null | undefined>
  /** Adds a `Set-Cookie` to the response. */
  set(name: string, value: string, attributes: CookieAttributes): unknown
}
