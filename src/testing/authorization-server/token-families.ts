/** What happens when a refresh token that was rotated away is used again. */
export type ReusePolicy = 'revokeFamily' | 'deny' | 'grace'

/** Why an access token is not accepted. */
export type RefusalReason = 'missing' | 'unknown' | 'expired' | 'refused' | 'revoked'

/** What the resource server finds when it is shown an access token. */
type Judgement =
  | { readonly accepted: true; readonly user: string; readonly label: string }
  | {
      readonly accepted: false
      readonly reason: RefusalReason
      readonly user?: string
      readonly label?: string
      /** epoch ms */
      readonly expiredAt?: number
    }

/** Tokens that were issued together. */
export interface Grant {
  readonly user: string
  readonly accessToken: string
  /** `undefined` where the one that was used stays in force. */
  readonly refreshToken: string | undefined
  /** Of the access token. */
  readonly label: string
}

/** What came of showing a refresh token. */
interface ExchangeResult {
  /** `undefined`: refused, `invalid_grant`. */
  readonly grant: Grant | undefined
  /** It had been rotated away before. */
  readonly reused: boolean
  readonly familyRevoked: boolean
  readonly user: string | undefined
  /** Of the refresh token that was shown. */
  readonly label: string | undefined
}

/** What an access token is made from. Instants: epoch ms. */
export interface AccessTokenFacts {
  readonly id: string
  readonly user: string
  readonly issuedAt: number
  readonly expiresAt: number
}

export interface TokenFamiliesOptions {
  readonly accessTokenTtlMs: number
  readonly rotate: boolean
  readonly reuse: ReusePolicy
  readonly graceMs: number
  readonly tokenPrefix: string
  readonly now: () => number
  readonly writeAccessToken: (facts: AccessTokenFacts) => string
}

/** Every token that was issued, by sign-in: all that descend from one sign-in are a family. */
export interface TokenFamilies {
  signIn(user: string): Grant
  exchange(refreshToken: string): ExchangeResult
  judge(accessToken: string | undefined): Judgement
  /** The access tokens issued until now expire now. */
  expireAccessTokens(user?: string): void
  /** The access tokens issued until now are refused although they are unexpired. */
  refuseAccessTokens(user?: string): void
  /** Ends the family of this token. How many families that ended: none when it is unknown or was ended before. */
  revokeFamily(token: string): number
  /** Ends this user's families. How many that were. */
  revokeUser(user: string): number
  /** RFC 7009: a refresh token ends its family, an access token only itself. */
  revokeToken(token: string): { readonly familiesRevoked: number; readonly user?: string; readonly label?: string }
  /** What to call a token without showing it. */
  label(token: string): string | undefined
}

interface Family {
  readonly ordinal: number
  readonly user: string
  accessTokens: number
  refreshTokens: number
  revoked: boolean
}

interface IssuedAccessToken {
  readonly family: Family
  readonly label: string
  expiresAt: number
  refused: boolean
}

interface IssuedRefreshToken {
  readonly family: Family
  readonly label: string
  spentAt: number | undefined
}

export function createTokenFamilies(options: TokenFamiliesOptions): TokenFamilies {
  const { accessTokenTtlMs, rotate, reuse, graceMs, tokenPrefix, now, writeAccessToken } = options
  const families: Family[] = []
  const accessTokens = new Map<string, IssuedAccessToken>()
  const refreshTokens = new Map<string, IssuedRefreshToken>()

  function issueAccessToken(family: Family): { readonly accessToken: string; readonly label: string } {
    family.accessTokens += 1
    const issuedAt = now()
    const expiresAt = issuedAt + accessTokenTtlMs
    const id = `${tokenPrefix}access-${family.ordinal}-${family.accessTokens}`
    const accessToken = writeAccessToken({ id, user: family.user, issuedAt, expiresAt })
    const label = `access ${family.accessTokens} of family ${family.ordinal}`
    accessTokens.set(accessToken, { family, label, expiresAt, refused: false })
    return { accessToken, label }
  }

  function issueRefreshToken(family: Family): string {
    family.refreshTokens += 1
    const refreshToken = `${tokenPrefix}refresh-${family.ordinal}-${family.refreshTokens}`
    const label = `refresh ${family.refreshTokens} of family ${family.ordinal}`
    refreshTokens.set(refreshToken, { family, label, spentAt: undefined })
    return refreshToken
  }

  function issue(family: Family, withRefreshToken: boolean): Grant {
    return {
      user: family.user,
      ...issueAccessToken(family),
      refreshToken: withRefreshToken ? issueRefreshToken(family) : undefined,
    }
  }

  function revoke(family: Family): number {
    if (family.revoked) return 0
    family.revoked = true
    return 1
  }

  const accessTokensOf = (user: string | undefined): IssuedAccessToken[] =>
    [...accessTokens.values()].filter(({ family }) => user === undefined || family.user === user)

  return {
    signIn(user) {
      const family = { ordinal: families.length + 1, user, accessTokens: 0, refreshTokens: 0, revoked: false }
      families.push(family)
      return issue(family, true)
    },
    exchange(refreshToken) {
      const shown = refreshTokens.get(refreshToken)
      if (shown === undefined) {
        return { grant: undefined, reused: false, familyRevoked: false, user: undefined, label: undefined }
      }
      const { family, label, spentAt } = shown
      const reused = spentAt !== undefined
      const inGrace = reused && reuse === 'grace' && now() - spentAt <= graceMs
      const about = { reused, user: family.user, label }
      if (family.revoked) return { ...about, grant: undefined, familyRevoked: false }
      if (reused && !inGrace) {
        return { ...about, grant: undefined, familyRevoked: reuse !== 'deny' && revoke(family) === 1 }
      }
      if (rotate) shown.spentAt ??= now()
      return { ...about, grant: issue(family, rotate), familyRevoked: false }
    },
    judge(accessToken) {
      if (accessToken === undefined) return { accepted: false, reason: 'missing' }
      const token = accessTokens.get(accessToken)
      if (token === undefined) return { accepted: false, reason: 'unknown' }
      const { family, label, expiresAt, refused } = token
      const about = { user: family.user, label }
      if (expiresAt <= now()) return { accepted: false, reason: 'expired', expiredAt: expiresAt, ...about }
      if (family.revoked) return { accepted: false, reason: 'revoked', ...about }
      if (refused) return { accepted: false, reason: 'refused', ...about }
      return { accepted: true, ...about }
    },
    expireAccessTokens(user) {
      const at = now()
      for (const token of accessTokensOf(user)) token.expiresAt = Math.min(token.expiresAt, at)
    },
    refuseAccessTokens(user) {
      for (const token of accessTokensOf(user)) token.refused = true
    },
    revokeFamily(token) {
      const known = refreshTokens.get(token) ?? accessTokens.get(token)
      return known === undefined ? 0 : revoke(known.family)
    },
    revokeUser(user) {
      return families.filter((family) => family.user === user).reduce((ended, family) => ended + revoke(family), 0)
    },
    revokeToken(token) {
      const refreshToken = refreshTokens.get(token)
      if (refreshToken !== undefined) {
        const { family, label } = refreshToken
        return { familiesRevoked: revoke(family), user: family.user, label }
      }
      const accessToken = accessTokens.get(token)
      if (accessToken === undefined) return { familiesRevoked: 0 }
      accessToken.refused = true
      return { familiesRevoked: 0, user: accessToken.family.user, label: accessToken.label }
    },
    label: (token) => (refreshTokens.get(token) ?? accessTokens.get(token))?.label,
  }
}
