import type { JWT } from 'next-auth/jwt'
import type { MaybePromise } from '../../core/maybe-promise'
import type { CookieToSet, RequestCookie, SessionCookieAttributes } from './cookie'
import { chunksOf, joinChunks } from './cookie-chunks'
import { type CookieSettings, codec, secrets } from './cookie-settings'

/** The session cookie of a request, decoded. */
export interface FoundSession {
  readonly jwt: JWT
  /** Without the number of a chunk. */
  readonly name: string
  /** What v5 derives its key with, besides the secret: the cookie's name. v4: nothing. */
  readonly salt: string
}

/** next-auth's session cookie, v4's and v5's. */
export interface SessionCookie {
  /** `undefined` where there is none, or none that this app has made: signed out (X3). */
  find(sent: readonly RequestCookie[]): Promise<FoundSession | undefined>
  /** The cookies that hold this JWT in place of the one before, left-over chunks deleted. */
  toSet(session: FoundSession, sent: readonly RequestCookie[]): Promise<CookieToSet[]>
  /** Deletes the session cookie. */
  toClear(sent: readonly RequestCookie[]): CookieToSet[]
}

export function sessionCookie(settings: CookieSettings): SessionCookie {
  const { names, maxAgeMs, attributes } = settings

  async function decoded(value: string, name: string): Promise<FoundSession | undefined> {
    const { decode } = await codec(settings)
    for (const secret of secrets(settings)) {
      for (const salt of saltsOf(name)) {
        const jwt = await readable(() => decode({ token: value, secret, salt }))
        if (jwt) return { jwt, name, salt }
      }
    }
    return undefined
  }
  const attributesOf = (name: string, expires: Date): SessionCookieAttributes => ({
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: name.startsWith('__Secure-') || name.startsWith('__Host-') || settings.secureCookie === true,
    ...attributes,
    expires,
  })
  const deleted = (name: string, of: string): CookieToSet => ({
    name,
    value: '',
    attributes: attributesOf(of, new Date(0)),
  })

  return {
    async find(sent) {
      for (const name of names) {
        for (const value of joinChunks(name, sent)) {
          const found = await decoded(value, name)
          if (found) return found
        }
      }
      return undefined
    },
    async toSet({ jwt, name, salt }, sent) {
      const { encode } = await codec(settings)
      const [secret] = secrets(settings)
      const value = await encode({ token: jwt, secret, salt, maxAge: Math.floor(maxAgeMs / 1000) })
      const expires = new Date(Date.now() + maxAgeMs)
      const chunks = chunksOf(name, value)
      const kept = new Set(chunks.map((chunk) => chunk.name))
      // What merely begins like the session cookie counts as a chunk to next-auth, which then reads no session at all.
      const leftOver = sent.filter((cookie) => cookie.name.startsWith(name) && !kept.has(cookie.name))
      return [
        ...chunks.map((chunk) => ({ ...chunk, attributes: attributesOf(name, expires) })),
        ...leftOver.map((cookie) => deleted(cookie.name, name)),
      ]
    },
    toClear: (sent) =>
      names.flatMap((name) =>
        sent.filter((cookie) => cookie.name.startsWith(name)).map((cookie) => deleted(cookie.name, name)),
      ),
  }
}

const v5Name = /authjs\.session-token$/
const v4Name = /next-auth\.session-token$/

/** A name that the app has chosen tells nothing of the version: either salt may fit. */
function saltsOf(name: string): readonly string[] {
  if (v5Name.test(name)) return [name]
  return v4Name.test(name) ? [''] : ['', name]
}

/** A wrong secret, a foreign cookie, an expired or a damaged one: nobody is signed in by it. */
async function readable(decode: () => MaybePromise<JWT | null>): Promise<JWT | undefined> {
  try {
    return (await decode()) ?? undefined
  } catch {
    return undefined
  }
}
