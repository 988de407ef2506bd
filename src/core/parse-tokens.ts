import { InvalidTokenError } from '../errors/invalid-token-error'
import { ownFields } from './own-fields'
import { plainJson } from './plain-json'
import { type TokenOrigin, tokenExpiry } from './token-expiry'
import type { TokenExtras, TokenSet } from './token-set'

export type { TokenOrigin } from './token-expiry'

/** A token set, or why there is none. */
export type ParsedTokens = { readonly tokens: TokenSet } | { readonly error: InvalidTokenError }

type Fields = ReadonlyMap<string, unknown>

/** How one field is read at an instant (epoch ms): `undefined` where its value cannot be used. */
interface Reading<T> {
  read(value: unknown, now: number): T | undefined
  /** What its value must be; where this is missing, a value that cannot be used is no error. */
  readonly must?: string
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const token: Reading<string> = { read: text, must: 'a non-empty string; leave it out where there is none' }
const label: Reading<string> = { read: text }

/** A number in these bounds, also in a string, times `scale`. */
const quantity = (scale: number, least: number, most: number, must: string) => ({
  must,
  read(value: unknown): number | undefined {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof number !== 'number' || !(number >= least && number <= most)) return undefined
    return Number.isFinite(number * scale) ? number * scale : undefined
  },
})
// As ms it is the year 1973, as seconds the year 5138: what is beyond was meant in the other unit.
const unitBorder = 1e11
// 0 or less: it has expired already, as an app finds that works it out by a clock that is fast
const seconds = quantity(1000, -Number.MAX_VALUE, Number.MAX_VALUE, 'a number of seconds')
const milliseconds = quantity(1, -Number.MAX_VALUE, Number.MAX_VALUE, 'epoch milliseconds; multiply seconds by 1000')
const epochMs: Reading<number> = {
  must: milliseconds.must,
  read(value, now) {
    const instant = milliseconds.read(value)
    // 0 is the same in both units, and the clock of a test may begin there
    const isInSeconds = instant !== undefined && instant !== 0 && instant < unitBorder && now >= unitBorder
    return isInSeconds ? undefined : instant
  },
}
const epochSeconds = quantity(1000, 0, unitBorder, 'epoch seconds; divide milliseconds by 1000')
const date: Reading<number> = {
  read: (value, now) => (value instanceof Date ? epochMs.read(value.getTime(), now) : undefined),
  must: 'a valid Date',
}

const accessTokenNames: readonly string[] = ['accessToken', 'access_token']
const readings = {
  refreshToken: { refreshToken: token, refresh_token: token },
  idToken: { idToken: token, id_token: token },
  tokenType: { tokenType: label, token_type: label },
  scope: { scope: label },
  sessionId: { sessionId: label },
  lifetimeMs: { expiresIn: seconds, expires_in: seconds },
  expiresAt: { expiresAt: epochMs, accessTokenExpiry: epochMs, expires_at: epochSeconds, expiresOn: date },
  issuedAt: { issuedAt: epochMs },
} as const
const knownNames = new Set([
  ...accessTokenNames,
  ...Object.values(readings).flatMap((spellings) => Object.keys(spellings)),
])

const visibleAscii = /^[\x21-\x7e]+$/

/**
 * X3, A6, E1. Reads every shape of a token set (but a `Response`): own fields only, what an app keeps beside the tokens as plain data.
 * From the app, an optional field that cannot be used is an error; from a refresh or a storage it is ignored, since a rotated refresh
 * token must not be lost to it. Returns the error instead of throwing it; no value is ever in its message.
 */
export function parseTokens(value: unknown, origin: TokenOrigin): ParsedTokens {
  const fields: Fields = ownFields(value) ?? new Map()
  const accessToken = accessTokenOf(fields)
  if (typeof accessToken !== 'string' || !visibleAscii.test(accessToken)) return invalid(whyUnusable(value, fields))

  const now = origin.from === 'refresh' ? origin.sentAt : origin.now
  const problems: string[] = []
  const pick = <T>(spellings: Readonly<Record<string, Reading<T>>>): T | undefined => {
    for (const [name, { read, must }] of Object.entries(spellings)) {
      const given = fields.get(name) ?? undefined
      const usable = given === undefined ? undefined : read(given, now)
      if (usable !== undefined) return usable
      if (given !== undefined && must !== undefined) problems.push(`${name} must be ${must}.`)
    }
    return undefined
  }
  const refreshToken = pick(readings.refreshToken)
  const idToken = pick(readings.idToken)
  const tokenType = pick(readings.tokenType)
  const scope = pick(readings.scope)
  const sessionId = pick(readings.sessionId)
  const stated = {
    lifetimeMs: pick(readings.lifetimeMs),
    expiresAt: pick(readings.expiresAt),
    issuedAt: pick(readings.issuedAt),
  }
  if (origin.from === 'app' && problems.length > 0) return invalid(problems.join(' '))

  const extras: TokenExtras = plainJson(new Map([...fields].filter(([name]) => !knownNames.has(name))))
  const tokens: TokenSet = {
    ...extras,
    accessToken,
    ...(refreshToken && { refreshToken }),
    ...(idToken && { idToken }),
    ...(tokenType && { tokenType }),
    ...(scope && { scope }),
    ...(sessionId && { sessionId }),
    ...tokenExpiry(accessToken, stated, origin),
  }
  return { tokens: Object.freeze(tokens) }
}

const invalid = (message: string): ParsedTokens => ({ error: new InvalidTokenError(message) })

const accessTokenOf = (fields: Fields | undefined): unknown =>
  accessTokenNames.map((name) => fields?.get(name)).find((given) => given != null)

function whyUnusable(value: unknown, fields: Fields): string {
  const accessToken = accessTokenOf(fields)
  if (typeof value === 'string') return 'A token set is an object: give { accessToken } instead of a string.'
  if (accessTokenOf(ownFields(fields.get('data'))) !== undefined) {
    return 'accessToken is missing: this looks like the response of an HTTP client. Return its data.'
  }
  if (accessToken === undefined) {
    return 'accessToken is missing: give { accessToken, refreshToken, expiresIn } or the JSON of a token endpoint.'
  }
  if (text(accessToken) === undefined) return 'accessToken must be a non-empty string.'
  return 'accessToken may hold visible ASCII only, no space and no line break: give the token alone, without its scheme.'
}
