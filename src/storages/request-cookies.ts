import { parseCookie, type SetCookie, stringifySetCookie } from 'cookie'
import type { CookieAttributes, CookieJar } from './cookie-jar'

/** The cookies of one request, and those to answer it with. */
export interface RequestCookies extends CookieJar {
  get(name: string): string | undefined
  set(name: string, value: string, attributes: CookieAttributes): void
  /**
   * The `Set-Cookie` headers that are to be added to the response, one for each cookie that was set.
   * Read it when the response is made: what is set after that is lost.
   */
  setCookieHeaders(): string[]
}

/**
 * A jar over a plain `Request`, or over the value of its `Cookie` header (`req.headers.cookie` of node:http).
 * What was set is what is read from then on.
 */
export function requestCookies(request: Pick<Request, 'headers'> | string | undefined): RequestCookies {
  const header = typeof request === 'object' ? request.headers.get('cookie') : request
  const sent = parseCookie(header ?? '')
  const toSet = new Map<string, SetCookie>()
  return {
    get: (name) => toSet.get(name)?.value ?? sent[name],
    set(name, value, attributes) {
      toSet.set(name, { ...attributes, name, value })
    },
    setCookieHeaders: () => [...toSet.values()].map((cookie) => stringifySetCookie(cookie)),
  }
}
