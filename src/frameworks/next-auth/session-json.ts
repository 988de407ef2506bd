import { ownFields } from '../../core/own-fields'
import { parseTokens } from '../../core/parse-tokens'
import type { TokenSet } from '../../core/token-set'
import type { InvalidTokenError } from '../../errors/invalid-token-error'

/** Where the session's JSON has what, by name or by path (`user.accessToken`). */
export interface NextAuthFields {
  /** @defaultValue `accessToken`, `access_token`, in the session or in its `user` */
  readonly accessToken?: string
  /**
   * When the access token expires: epoch seconds, epoch milliseconds or an ISO date, told apart by their size.
   * @defaultValue `accessTokenExpiry`, `accessTokenExpires`, `expiresAt`, `expires_at`, else the JWT's own `exp`
   */
  readonly expiresAt?: string
  /** When it was issued, written as `expiresAt` is. @defaultValue `accessTokenIssuedAt`, `issuedAt` */
  readonly issuedAt?: string
  /** One for each sign-in: tells a refreshed session from another one. @defaultValue `sessionId`, else by `user` */
  readonly sessionId?: string
  /** What went wrong with the last refresh on the server. @defaultValue `error` */
  readonly error?: string
}

/** What next-auth's session endpoint said. */
export type NextAuthSession =
  | { readonly kind: 'signedOut' }
  | {
      readonly kind: 'signedIn'
      /** Why there are none: next-auth has a session, but it shows no access token. */
      readonly tokens: TokenSet | InvalidTokenError
      /** The refresh token was refused: no refresh can work any more. */
      readonly isSpent: boolean
      /** Its own id, where the server gave it one. */
      readonly sessionId: string | undefined
      /** Who it is, where that can be told. */
      readonly owner: string | undefined
    }

export interface SessionJsonContext {
  readonly fields: NextAuthFields
  /** The values of `error` which say that the refresh token was refused. */
  readonly rejectedErrors: readonly string[]
  /** When the request was sent, by this clock (epoch ms). */
  readonly sentAt: number
  /** When it was answered, by the server's (epoch ms); `undefined` where it did not say. */
  readonly serverTime: number | undefined
}

const names = {
  accessToken: ['accessToken', 'access_token'],
  expiresAt: ['accessTokenExpiry', 'accessTokenExpires', 'expiresAt', 'expires_at'],
  issuedAt: ['accessTokenIssuedAt', 'issuedAt'],
  sessionId: ['sessionId'],
  error: ['error'],
} as const satisfies Record<keyof NextAuthFields, readonly string[]>

/** As ms it is the year 1973, as seconds the year 5138: what is beyond was meant in the other unit. */
const unitBorder = 1e11
/** `Date` counts whole seconds, and an answer takes its time: so far apart clocks count as equal (ms). */
const clockTolerance = 2_000

/** X3, E1. Reads the JSON of `GET /session`: `{}` (v4) or `null` (v5) where nobody is signed in. `undefined`: it is no session. */
export function readSessionJson(body: unknown, context: SessionJsonContext): NextAuthSession | undefined {
  if (body === null) return { kind: 'signedOut' }
  const session = ownFields(body)
  if (!session) return undefined
  if (session.size === 0) return { kind: 'signedOut' }
  const { sentAt, fields } = context
  const find = (name: keyof NextAuthFields): unknown => findField(session, fields[name], names[name])
  const sessionId = find('sessionId')
  const parsed = parseTokens(
    {
      accessToken: find('accessToken'),
      sessionId,
      ...instants(instant(find('expiresAt')), instant(find('issuedAt')), context),
    },
    { from: 'storage', now: sentAt },
  )
  const error = find('error')
  return {
    kind: 'signedIn',
    tokens: 'tokens' in parsed ? parsed.tokens : parsed.error,
    sessionId: typeof sessionId === 'string' ? sessionId : undefined,
    isSpent: typeof error === 'string' && context.rejectedErrors.includes(error),
    owner: ownerOf(session),
  }
}

/** The tokens of a session that has some. */
export const tokensOf = (session: NextAuthSession | undefined): TokenSet | undefined =>
  session?.kind === 'signedIn' && 'accessToken' in session.tokens ? session.tokens : undefined

function findField(session: ReadonlyMap<string, unknown>, path: string | undefined, usual: readonly string[]): unknown {
  if (path !== undefined) {
    return path.split('.').reduce<unknown>((value, name) => ownFields(value)?.get(name), Object.fromEntries(session))
  }
  const places = [session, ownFields(session.get('user'))]
  return places.flatMap((place) => usual.map((name) => place?.get(name))).find((value) => value != null)
}

/** Epoch ms. */
function instant(value: unknown): number | undefined {
  if (typeof value === 'string' && Number.isNaN(Number(value))) return finite(Date.parse(value))
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  const number = Number(value)
  return finite(number < unitBorder ? number * 1000 : number)
}
const finite = (number: number): number | undefined => (Number.isFinite(number) && number > 0 ? number : undefined)

/** E1: the server's instants by this clock, so that a wrong one does no harm. */
function instants(
  expiresAt: number | undefined,
  issuedAt: number | undefined,
  { sentAt, serverTime }: SessionJsonContext,
): { readonly expiresAt?: number; readonly issuedAt?: number } {
  if (expiresAt === undefined) return {}
  // a `Date` from before the token was issued is not of the clock that wrote the rest
  const isUsable = serverTime !== undefined && !(issuedAt !== undefined && issuedAt - serverTime > clockTolerance)
  const ahead = isUsable ? sentAt - serverTime : Math.min(0, sentAt - (issuedAt ?? sentAt))
  const shift = Math.abs(ahead) < clockTolerance ? 0 : ahead
  return { expiresAt: expiresAt + shift, ...(issuedAt !== undefined && { issuedAt: issuedAt + shift }) }
}

function ownerOf(session: ReadonlyMap<string, unknown>): string | undefined {
  const user = ownFields(session.get('user'))
  const known = ['id', 'sub', 'email', 'name'].map((name) => user?.get(name))
  const owner = known.find((value) => typeof value === 'string' || typeof value === 'number')
  return owner === undefined ? undefined : String(owner)
}
