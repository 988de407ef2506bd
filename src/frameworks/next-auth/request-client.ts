import type { AuthClient } from '../../core/auth-client'
import type { AuthClientOptions } from '../../core/auth-client-options'
import { createAuthClient } from '../../create-auth-client'
import { RefreshUnavailableError } from '../../errors/refresh-unavailable-error'
import type { FederatedSignOut } from './federated-sign-out'
import type { ReachCookies } from './next-cookies'
import type { Renew } from './renew'
import { requestStorage } from './request-storage'
import type { Rotation } from './rotation'
import type { SessionCookie } from './session-cookie'

interface Parts {
  readonly cookie: SessionCookie
  readonly renew: Renew
  readonly rotation: Rotation
  readonly federated: FederatedSignOut
  readonly fetch: typeof globalThis.fetch
  readonly options: AuthClientOptions
  readonly now: () => number
  readonly report: (error: unknown) => void
}

/** H5: a client of its own for each request, whose refreshes are shared. */
export function requestClient(cookies: ReachCookies, { federated, fetch, options, ...parts }: Parts): AuthClient {
  const { rotation } = parts
  const storage = requestStorage({ ...parts, cookies })
  return createAuthClient({
    ...options,
    storage,
    // The exchange behind it has tried again already.
    refreshRetries: 0,
    async refresh({ tokens, trigger }) {
      const { set } = await cookies()
      if (!set) throw cannotRefreshHere()
      const outcome = await rotation.refresh({ tokens, provider: storage.provider(), trigger })
      if (outcome.kind === 'refreshed') return outcome.tokens
      if (outcome.kind === 'rejected') await (outcome.ended ? storage.ended() : storage.rejected())
      throw outcome.error
    },
    ...federated.clientOptions(storage.provider, { fetch }),
  })
}

const cannotRefreshHere = (): RefreshUnavailableError =>
  new RefreshUnavailableError(
    'The access token has to be refreshed, and cookies cannot be written while a server component renders. Let proxy.ts refresh it ahead (docs/next-auth-server.md), or make the request in a route handler, a server action or the browser.',
  )
