import type { DefaultSession, Session } from 'next-auth'
import type { JWT } from 'next-auth/jwt'
import type { SessionTokens } from './session-tokens'

/** What next-auth gives its `session` callback, as far as it is used here. */
interface SessionParams {
  readonly session: Session
  /** Missing with sessions that are in a database. */
  readonly token?: JWT
}

type Shown = Session | DefaultSession

/** The session as browsers get it: what the app's own callback says, and of the tokens what they may see. */
export const sessionCallback =
  <Params extends SessionParams>(own?: (params: Params) => Shown | PromiseLike<Shown>) =>
  async (params: Params): Promise<Session> => {
    const { session, token } = params
    const shown = own ? await own(params) : publicSession(session)
    return withoutSecrets({ ...shown, ...(token && visibleTokens(token)) }, token)
  }

const publicNames = ['name', 'email', 'image']

/** next-auth's own, since v5 hands over more than it shows. */
const publicSession = ({ user, expires }: Session): Session => ({
  ...(user && { user: Object.fromEntries(Object.entries(user).filter(([name]) => publicNames.includes(name))) }),
  expires,
})

/** Where there are none, nothing: the fields may be the app's own. */
function visibleTokens(token: JWT): SessionTokens {
  const { accessToken, accessTokenExpiry, accessTokenIssuedAt, sessionId, error } = token
  return {
    ...(accessToken !== undefined && { accessToken, accessTokenExpiry, accessTokenIssuedAt }),
    ...(sessionId !== undefined && { sessionId }),
    ...(error !== undefined && { error }),
  }
}

const secretNames = ['refreshToken', 'refresh_token', 'idToken', 'id_token']

/** Recipes copy the whole JWT to the session, or to its user. */
function withoutSecrets(session: Session, token: JWT | undefined): Session {
  const secrets: readonly unknown[] = [token?.refreshToken, token?.idToken].filter((secret) => secret !== undefined)
  const isShown = ([name, value]: [string, unknown]): boolean => !secretNames.includes(name) && !secrets.includes(value)
  const { user, expires, ...rest } = session
  return {
    ...Object.fromEntries(Object.entries(rest).filter(isShown)),
    ...(user && { user: Object.fromEntries(Object.entries(user).filter(isShown)) }),
    expires,
  }
}
