import type { TokenResponse } from '../../src/core/token-set'
import { createTokenFamilies, type Grant } from '../../src/testing/authorization-server/token-families'
import type { ModelClock } from './model-clock'

/** One sign-in, as the truth has it: the clients know only its tokens. */
export interface Session {
  readonly id: number
  readonly user: string
  /** The server ended it. */
  revoked: boolean
  /** An app ended it with `signOut()`. */
  signedOut: boolean
  /** It ended in one client, another sign-in took its place, or an app that did not know yet who is signed in called `signOut()`. */
  mayBeEnded: boolean
  /** The answer to a refresh was lost or late: using the same refresh token again may end the family. */
  mayHaveRotated: boolean
}

/** What goes wrong with a message. `lostRequest`: never acted on · `lostAnswer`: acted on, and nobody hears of it. */
export type TokenFault = 'status503' | 'retryAfter' | 'lostRequest' | 'lostAnswer' | 'misconfigured' | 'interaction'
export type ApiFault = 'status500' | 'lostRequest' | 'lostAnswer' | 'refused'

/** An authorization server that ends a family when a refresh token is used twice, and the API it protects. Answers at once. */
export interface ModelServer {
  readonly sessions: readonly Session[]
  faults: { token: TokenFault | undefined; api: ApiFault | undefined }
  signIn(user: string): { readonly session: Session; readonly tokens: TokenResponse }
  /** Newer tokens of the same session, by another way than its refresh token. */
  issue(session: Session): TokenResponse
  /** `undefined`: `invalid_grant`. */
  exchange(refreshToken: string): TokenResponse | undefined
  accepts(accessToken: string | undefined): boolean
  expire(): void
  refuse(): void
  revoke(session: Session): void
  sessionOf(token: string): Session | undefined
}

export function modelServer(clock: ModelClock, accessTokenTtlMs: number): ModelServer {
  const families = createTokenFamilies({
    accessTokenTtlMs,
    rotate: true,
    reuse: 'revokeFamily',
    graceMs: 0,
    tokenPrefix: '',
    now: clock.monotonic,
    writeAccessToken: ({ id }) => id,
  })
  const sessions: Session[] = []
  const byToken = new Map<string, Session>()

  function wire(session: Session, { accessToken, refreshToken }: Grant): TokenResponse {
    byToken.set(accessToken, session)
    if (refreshToken !== undefined) byToken.set(refreshToken, session)
    return {
      access_token: accessToken,
      expires_in: accessTokenTtlMs / 1000,
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    }
  }
  return {
    sessions,
    faults: { token: undefined, api: undefined },
    signIn(user) {
      const session = {
        id: sessions.length + 1,
        user,
        revoked: false,
        signedOut: false,
        mayBeEnded: false,
        mayHaveRotated: false,
      }
      sessions.push(session)
      return { session, tokens: wire(session, families.signIn(user)) }
    },
    issue: (session) => wire(session, families.signIn(session.user)),
    exchange(refreshToken) {
      const session = byToken.get(refreshToken)
      const { grant } = families.exchange(refreshToken)
      return grant && session && wire(session, grant)
    },
    accepts: (accessToken) => families.judge(accessToken).accepted,
    expire: () => families.expireAccessTokens(),
    refuse: () => families.refuseAccessTokens(),
    revoke(session) {
      session.revoked = true
      for (const [token, its] of byToken) if (its === session) families.revokeFamily(token)
    },
    sessionOf: (token) => byToken.get(token),
  }
}
