import type { JWT } from 'next-auth/jwt'
import type { CookieAccess } from './next-cookies'
import type { SessionCookie } from './session-cookie'

/** Writes a JWT in place of the one in the request's cookies. Nothing where there is none. */
export type WriteSession = (jwt: JWT, access: CookieAccess) => Promise<void>

export const createWriteSession =
  (cookie: SessionCookie): WriteSession =>
  async (jwt, { sent, set }) => {
    const found = set && (await cookie.find(sent))
    if (!found) return
    for (const { name, value, attributes } of await cookie.toSet({ ...found, jwt }, sent)) set(name, value, attributes)
  }
