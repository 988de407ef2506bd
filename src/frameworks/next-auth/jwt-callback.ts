import type { Account } from 'next-auth'
import type { JWT } from 'next-auth/jwt'
import { ownFields } from '../../core/own-fields'
import type { RefreshTrigger } from '../../core/refresher'
import { UnauthenticatedError } from '../../errors/unauthenticated-error'
import { pickTokens } from './jwt-tokens'
import type { ReachCookies } from './next-cookies'
import type { Renew } from './renew'
import type { Rotation } from './rotation'
import { signedInJwt } from './sign-in-tokens'
import type { WriteSession } from './write-session'

/** What next-auth gives its `jwt` callback, as far as it is used here. */
interface JwtParams {
  readonly token: JWT
  readonly user?: unknown
  readonly account?: Account | null
  readonly trigger?: 'signIn' | 'signUp' | 'update'
  readonly session?: unknown
}

interface Parts {
  readonly renew: Renew
  readonly rotation: Rotation
  readonly cookies: ReachCookies
  readonly write: WriteSession
  readonly now: () => number
  readonly report: (error: unknown) => void
}

/**
 * Keeps the tokens in the JWT up to date. The app's own callback comes first, so what it throws spends no refresh token; a refresh that
 * fails throws nothing, since next-auth would end the session. Only a sign-out does, for requests from before it.
 */
export const jwtCallback =
  <Params extends JwtParams, Result extends JWT | null>(
    { renew, rotation, cookies, write, now, report }: Parts,
    own?: (params: Params) => Result | PromiseLike<Result>,
  ) =>
  async (params: Params): Promise<Result | JWT> => {
    const asked = refreshAsked(params)
    const before = pickTokens(params.token)
    const result = own ? await own(asked === undefined ? params : withoutMarker(params)) : params.token
    if (result === null) return result
    // A callback that makes a new object loses no token.
    const jwt = { ...before, ...result }
    if (params.account) return begun(signedInJwt({ jwt, account: params.account, user: params.user, now: now() }))

    const access = await cookies().catch(() => undefined)
    // While a server component renders nobody can write what a refresh gives. Outside of Next's app router next-auth writes it.
    const canWrite = access === undefined || access.set !== undefined
    const renewed = await (canWrite ? renew.refresh(jwt, asked) : renew.recall(jwt))
    if (renewed.ended) throw signedOutMeanwhile()
    // next-auth's getServerSession() and auth() lose the cookie where they are called on the server.
    if (access && renewed.jwt !== jwt) await write(renewed.jwt, access).catch(report)
    return renewed.jwt

    async function begun(jwt: JWT): Promise<JWT> {
      if (typeof jwt.refreshToken === 'string') await rotation.welcome(jwt.refreshToken)
      return jwt
    }
  }

/** To next-auth what its callback throws means: delete the cookie. Otherwise a request under way would bring the session back. */
const signedOutMeanwhile = (): UnauthenticatedError =>
  new UnauthenticatedError('The user has signed out since this request was sent.')

const triggers: readonly RefreshTrigger[] = ['missing', 'expiring', 'expired', 'refused', 'forced']

/** The browser's request for a refresh: `update({ tokenflight: { refresh: 'refused' } })`. */
function refreshAsked({ trigger, session }: JwtParams): RefreshTrigger | undefined {
  if (trigger !== 'update') return undefined
  const refresh = ownFields(ownFields(session)?.get('tokenflight'))?.get('refresh')
  return triggers.find((known) => known === refresh)
}

/** To the app's own callback that request is a call like any other: many write into the token whatever an update brings. */
const withoutMarker = <Params extends JwtParams>(params: Params): Params => ({
  ...params,
  trigger: undefined,
  session: undefined,
})
