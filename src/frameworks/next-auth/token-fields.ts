import { ownFields } from '../../core/own-fields'

/** The fields of a token set in one spelling, for `parseTokens`. */
export interface TokenFields {
  readonly accessToken?: unknown
  readonly refreshToken?: unknown
  readonly idToken?: unknown
  readonly sessionId?: unknown
  /** Seconds. */
  readonly expiresIn?: unknown
  /** Epoch ms. */
  readonly expiresAt?: number | undefined
  /** Epoch ms. */
  readonly issuedAt?: unknown
}

const instantNames = [
  ...['accessTokenExpiry', 'accessTokenExpires', 'accessTokenExpiresAt'],
  ...['expiresAt', 'expires_at', 'expiresOn', 'expires_on'],
]

/** As ms it is the year 1973, as seconds the year 5138: what is less was meant in seconds. */
const unitBorder = 1e11

/**
 * What an account of next-auth, a user that `authorize` returned, or a session JWT says of tokens: in the names of OAuth, of this
 * library and of common recipes. Every provider writes the instant of expiry in its own unit; which one is plain from its size.
 * Azure's `ext_expires_in` is no lifetime to count on: it holds during an outage of Azure alone.
 */
export function tokenFields(value: unknown): TokenFields {
  const fields = ownFields(value)
  const first = (...names: string[]): unknown => names.map((name) => fields?.get(name)).find((given) => given != null)
  return {
    accessToken: first('accessToken', 'access_token'),
    refreshToken: first('refreshToken', 'refresh_token'),
    idToken: first('idToken', 'id_token'),
    sessionId: first('sessionId'),
    expiresIn: first('expiresIn', 'expires_in'),
    expiresAt: instantNames.map((name) => instant(fields?.get(name))).find((given) => given !== undefined),
    issuedAt: first('accessTokenIssuedAt', 'issuedAt'),
  }
}

/** Epoch ms, of a number in either unit, also in a string, a date, or a date in ISO 8601. */
function instant(value: unknown): number | undefined {
  if (value instanceof Date) return finite(value.getTime())
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof value === 'string' && Number.isNaN(number)) return finite(Date.parse(value))
  if (typeof number !== 'number' || !(number > 0)) return undefined
  return finite(number < unitBorder ? number * 1000 : number)
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined)
