import type { TokenSet } from '../../core/token-set'
import type { TokenStorage } from '../../core/token-storage'
import { ConfigurationError } from '../../errors/configuration-error'
import { jwtWithTokens, rejectedJwt, tokensOfJwt } from './jwt-tokens'
import type { ReachCookies } from './next-cookies'
import type { Renew } from './renew'
import type { Rotation } from './rotation'
import type { FoundSession, SessionCookie } from './session-cookie'

interface Parts {
  readonly cookies: ReachCookies
  readonly cookie: SessionCookie
  readonly renew: Renew
  readonly rotation: Rotation
  readonly now: () => number
  readonly report: (error: unknown) => void
}

/** The session of one request, in next-auth's cookie. */
export interface RequestStorage extends TokenStorage {
  /** The id of the provider that the user signed in with, also after a sign-out. */
  provider(): string | undefined
  /** The refresh token was refused, and the browser is to hear of it. Written before anybody answers the request. Never rejects. */
  rejected(): Promise<void>
  /** The user has signed out elsewhere. Never rejects. */
  ended(): Promise<void>
}

export function requestStorage({ cookies, cookie, renew, rotation, now, report }: Parts): RequestStorage {
  let session: FoundSession | undefined
  let provider: string | undefined
  let isRead = false
  let isRejected = false

  async function load(): Promise<FoundSession | undefined> {
    const { sent, set } = await cookies()
    const found = await cookie.find(sent)
    if (!found) return undefined
    const { jwt, ended } = await renew.recall(found.jwt)
    // an answer that was under way has brought it back: it must not outlast what is known of the sign-out
    if (ended && set) for (const { name, value, attributes } of cookie.toClear(sent)) set(name, value, attributes)
    return { ...found, jwt }
  }
  /** Where it can only be read, what came of a refresh elsewhere is used all the same; whoever refreshed writes the cookie. */
  async function put(next: FoundSession): Promise<void> {
    const { sent, set } = await cookies()
    if (!set) return
    for (const { name, value, attributes } of await cookie.toSet(next, sent)) set(name, value, attributes)
  }
  async function clear(ended: FoundSession): Promise<void> {
    const { sent, set } = await cookies()
    if (!set) {
      throw new ConfigurationError(
        'Cookies cannot be written here: sign out in a route handler or a server action, not while a server component renders.',
      )
    }
    session = undefined
    const refreshToken = tokensOfJwt(ended.jwt, now())?.refreshToken
    if (refreshToken !== undefined) await rotation.forget(refreshToken)
    for (const { name, value, attributes } of cookie.toClear(sent)) set(name, value, attributes)
  }

  return {
    provider: () => provider,
    async rejected() {
      isRejected = true
      if (session) await put({ ...session, jwt: rejectedJwt(session.jwt) }).catch(report)
    },
    async ended() {
      if (session) await clear(session).catch(report)
    },
    async read() {
      if (!isRead) session = await load()
      isRead = true
      provider ??= session?.jwt.provider
      return session && tokensOfJwt(session.jwt, now())
    },
    async write(tokens: TokenSet | undefined) {
      const before = session
      if (tokens === undefined) {
        session = undefined
        if (before && !isRejected) await clear(before)
        return
      }
      if (before === undefined) {
        throw new ConfigurationError("There is no session cookie to write to: sign in with next-auth's own signIn().")
      }
      session = { ...before, jwt: jwtWithTokens(before.jwt, tokens) }
      await put(session)
    },
  }
}
