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
}

/** The session of one request, in next-auth's cookie. */
export interface RequestStorage extends TokenStorage {
  /** As it was read last; `undefined` while nobody is signed in. */
  session(): FoundSession | undefined
  /** The next clearing is not a sign-out: the refresh token was refused, and the browser is to hear of it. */
  rejected(): void
}

export function requestStorage({ cookies, cookie, renew, rotation, now }: Parts): RequestStorage {
  let session: FoundSession | undefined
  let isRead = false
  let isRejected = false

  async function load(): Promise<FoundSession | undefined> {
    const found = await cookie.find((await cookies()).sent)
    return found && { ...found, jwt: (await renew.recall(found.jwt)).jwt }
  }
  /** Where it can only be read, what came of a refresh elsewhere is used all the same; whoever refreshed writes the cookie. */
  async function put(next: FoundSession): Promise<void> {
    session = next
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
    session: () => session,
    rejected() {
      isRejected = true
    },
    async read() {
      if (!isRead) session = await load()
      isRead = true
      return session && tokensOfJwt(session.jwt, now())
    },
    async write(tokens: TokenSet | undefined) {
      if (session === undefined) {
        if (tokens === undefined) return
        throw new ConfigurationError("There is no session cookie to write to: sign in with next-auth's own signIn().")
      }
      if (tokens !== undefined) return put({ ...session, jwt: jwtWithTokens(session.jwt, tokens) })
      return isRejected ? put({ ...session, jwt: rejectedJwt(session.jwt) }) : clear(session)
    },
  }
}
