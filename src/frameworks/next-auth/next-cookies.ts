import { readProperty } from '../../errors/read-property'
import type { CookieToSet, RequestCookie, SessionCookieAttributes } from './cookie'

/** The cookies of one request. */
export interface RequestCookies {
  getAll(): readonly RequestCookie[]
  /** Adds a `Set-Cookie` to the answer. Without it they can only be read. */
  set?(name: string, value: string, attributes: SessionCookieAttributes): unknown
}

/** The cookies of one request, at this moment. */
export interface CookieAccess {
  readonly sent: readonly RequestCookie[]
  /** Missing while they can only be read. */
  readonly set?: (name: string, value: string, attributes: SessionCookieAttributes) => unknown
}

/** How a request's cookies are reached. Asked anew each time: what can be written in a server action cannot in the rendering after it. */
export type ReachCookies = () => Promise<CookieAccess>

/** What Next keeps, on the cookies that can be set, of those that were. */
const nextChanges = Symbol.for('next.mutated.cookies')

/**
 * The cookies of the request that Next is handling.
 *
 * They can be set in a route handler, a server action and proxy.ts. While a server component renders, `set` throws: what a refresh
 * gives would be lost there. Next has no question for it, and to try would already set one. But cookies that can be set keep what was,
 * and those that cannot have one and the same function as `set` and `delete`. Whatever looks different counts as "no".
 * @throws whatever Next throws where there is no request, or where it renders ahead
 */
export const reachNextCookies: ReachCookies = async () => {
  // With its extension, since plain Node finds it only so.
  const { cookies } = await import('next/headers.js')
  const jar = await cookies()
  const writable = Array.isArray(Reflect.get(jar, nextChanges)) && !hasOneThrowingSet(jar)
  return { sent: jar.getAll(), ...(writable && { set: (...cookie) => jar.set(...cookie) }) }
}

/**
 * Where a proxy has set cookies by Next's `cookies()`, Next answers with these alone, and drops the response's own: so the session's have
 * to be among them. Elsewhere nothing happens.
 */
export async function setAmongNextCookies(toSet: readonly CookieToSet[]): Promise<void> {
  if (toSet.length === 0) return
  const { cookies } = await import('next/headers.js')
  const jar = await Promise.resolve()
    .then(cookies)
    .catch(() => undefined)
  const changes: unknown = jar && Reflect.get(jar, nextChanges)
  if (!jar || !Array.isArray(changes) || changes.length === 0) return
  for (const { name, value, attributes } of toSet) jar.set(name, value, attributes)
}

/** Those that the app hands over. */
export const reachCookies =
  (jar: RequestCookies): ReachCookies =>
  async () => {
    const writable = typeof jar.set === 'function' && !hasOneThrowingSet(jar)
    return { sent: jar.getAll(), ...(writable && { set: (...cookie) => jar.set?.(...cookie) }) }
  }

const hasOneThrowingSet = (jar: object): boolean => readProperty(jar, 'set') === readProperty(jar, 'delete')
