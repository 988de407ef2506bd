import type { JWT } from 'next-auth/jwt'
import { freshness, type RefreshWindows } from '../../core/freshness'
import { mergeTokens } from '../../core/merge-tokens'
import type { RefreshOutcome } from '../../core/refresh-outcome'
import type { RefreshTrigger } from '../../core/refresher'
import type { TokenSet } from '../../core/token-set'
import type { TokenflightError } from '../../errors/tokenflight-error'
import { jwtWithTokens, rejectedJwt, tokensOfJwt } from './jwt-tokens'
import type { Rotation, RotationRequest } from './rotation'

export interface RenewParts {
  readonly rotation: Rotation
  readonly windows: RefreshWindows
  readonly now: () => number
  /** Gets why a refresh has failed. */
  readonly report: (error: unknown) => void
}

/** The JWT after a look at its tokens; the same object where nothing has changed. */
export interface Renewed {
  readonly jwt: JWT
  /** Why its tokens could not be refreshed, where they had to be. */
  readonly error?: TokenflightError
  /** The user has signed out a moment ago: this cookie is from before. */
  readonly ended?: true
}

/** How the tokens in a JWT are kept up to date. Never rejects. */
export interface Renew {
  /** What others have made of its refresh token meanwhile; asks nobody. */
  recall(jwt: JWT): Promise<Renewed>
  /** Refreshes where the time says so, or where it was asked for. */
  refresh(jwt: JWT, asked?: RefreshTrigger): Promise<Renewed>
}

export function createRenew({ rotation, windows, now, report }: RenewParts): Renew {
  const requestOf = (jwt: JWT): RotationRequest | undefined => {
    const tokens = tokensOfJwt(jwt, now())
    if (tokens?.refreshToken === undefined) return undefined
    return { tokens, provider: typeof jwt.provider === 'string' ? jwt.provider : undefined }
  }
  const due = ({ tokens }: RotationRequest): RefreshTrigger | undefined => {
    const found = freshness(tokens, now(), windows)
    return found === 'fresh' ? undefined : found
  }
  async function recall(jwt: JWT): Promise<Renewed> {
    const request = requestOf(jwt)
    const outcome = request && (await rotation.recall(request))
    return request && outcome ? after(outcome, jwt, request.tokens) : { jwt }
  }

  return {
    recall,
    async refresh(jwt, asked) {
      const request = requestOf(jwt)
      const trigger = request && (asked ?? due(request))
      // Also a token that is still good may have been rotated away: this cookie must not take the place of a newer one.
      if (!request || !trigger) return recall(jwt)
      const renewed = after(await rotation.refresh({ ...request, trigger }), jwt, request.tokens)
      if (renewed.error && !renewed.ended) report(renewed.error)
      return renewed
    },
  }
}

/** F4 to F8. The session outlives everything but a refresh token that was refused. */
function after(outcome: RefreshOutcome, jwt: JWT, tokens: TokenSet): Renewed {
  switch (outcome.kind) {
    case 'refreshed':
      return { jwt: jwtWithTokens(jwt, mergeTokens(tokens, outcome.tokens)) }
    case 'rejected':
      return { jwt: rejectedJwt(jwt), error: outcome.error, ...(outcome.ended && { ended: true }) }
    case 'unavailable':
      // An answer without a usable access token may still have rotated the refresh token.
      if (outcome.refreshToken !== undefined)
        return { jwt: { ...jwt, refreshToken: outcome.refreshToken }, error: outcome.error }
      return { jwt, error: outcome.error }
    default:
      return { jwt, error: outcome.error }
  }
}
