import type { Account } from 'next-auth'
import type { JWT } from 'next-auth/jwt'
import { ownFields } from '../../core/own-fields'
import { parseTokens } from '../../core/parse-tokens'
import type { TokenSet } from '../../core/token-set'
import { jwtWithTokens } from './jwt-tokens'
import { type TokenFields, tokenFields } from './token-fields'

interface SignIn {
  /** As the app's own `jwt` callback left it. */
  readonly jwt: JWT
  readonly account: Account
  /** What `authorize` returned, for credentials. */
  readonly user: unknown
  readonly now: number
}

/**
 * The JWT of a new session. Its tokens are those that the app's own `jwt` callback has put there, else the account's, else those that
 * `authorize` returned: in the user, or in its `tokens` or `data`. Without any, the JWT as it is.
 */
export function signedInJwt({ jwt, account, user, now }: SignIn): JWT {
  const given = completed(tokenFields(jwt), tokenFields(account))
  const candidates = [given, ...[user, field(user, 'tokens'), field(user, 'data')].map(tokenFields)]
  const tokens = candidates.map((fields) => freshTokens(fields, now)).find((found) => found !== undefined)
  if (tokens === undefined) return jwt
  return { ...jwtWithTokens(jwt, tokens), provider: account.provider, sessionId: crypto.randomUUID() }
}

/** An account's further fields belong to its own access token; the id token is always the provider's. */
function completed(own: TokenFields, account: TokenFields): TokenFields {
  if (own.accessToken === undefined || own.accessToken === account.accessToken) return overlay(account, own)
  return { ...own, idToken: own.idToken ?? account.idToken }
}

const overlay = (below: TokenFields, above: TokenFields): TokenFields => ({
  ...below,
  ...Object.fromEntries(Object.entries(above).filter(([, value]) => value !== undefined)),
})

/** They were issued a moment ago, so their lifetime is known (E1). */
function freshTokens(fields: TokenFields, now: number): TokenSet | undefined {
  const parsed = parseTokens(fields, { from: 'refresh', sentAt: now })
  return 'tokens' in parsed ? parsed.tokens : undefined
}

const field = (value: unknown, name: string): unknown => ownFields(value)?.get(name)
