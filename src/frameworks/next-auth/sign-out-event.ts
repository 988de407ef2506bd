import type { JWT } from 'next-auth/jwt'
import { ownFields } from '../../core/own-fields'
import type { FederatedSignOut } from './federated-sign-out'
import { tokensOfJwt } from './jwt-tokens'
import type { Rotation } from './rotation'

interface Parts {
  readonly rotation: Rotation
  readonly federated: FederatedSignOut
  readonly fetch: typeof globalThis.fetch
  readonly timeoutMs: number
  readonly now: () => number
  readonly report: (error: unknown) => void
}

/**
 * Ends the tokens of a session that next-auth ends (H5, S4). The own handler comes first. What fails goes to `onError`: the user is
 * signed out here all the same.
 */
export const signOutEvent =
  <Message extends object>(
    { rotation, federated, fetch, timeoutMs, now, report }: Parts,
    own?: (message: Message) => void | PromiseLike<void>,
  ) =>
  async (message: Message): Promise<void> => {
    try {
      await own?.(message)
    } finally {
      await endTokens(jwtOf(message)).catch(report)
    }

    async function endTokens(jwt: JWT | undefined): Promise<void> {
      const refreshToken = jwt && tokensOfJwt(jwt, now())?.refreshToken
      if (refreshToken === undefined) return
      await rotation.forget(refreshToken)
      await federated.revoke(jwt?.provider, refreshToken, { fetch, signal: AbortSignal.timeout(timeoutMs) })
    }
  }

/** With sessions in a database there is none. */
function jwtOf(message: object): JWT | undefined {
  const token = ownFields(message)?.get('token')
  const fields = ownFields(token)
  return fields && Object.fromEntries(fields)
}
