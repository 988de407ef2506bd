import type { Refresher, TokenlessRefresher } from '../core/refresher'
import { RefreshUnavailableError } from '../errors/refresh-unavailable-error'

/** A refresher that exchanges a refresh token, as one that may get none: then it is not asked. */
export const needsRefreshToken =
  (refresh: Refresher): TokenlessRefresher =>
  ({ tokens, refreshToken, ...context }) => {
    if (!tokens || refreshToken === undefined)
      throw new RefreshUnavailableError('There is no refresh token to refresh with.')
    return refresh({ ...context, tokens, refreshToken })
  }
