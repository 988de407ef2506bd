import { useContext, useMemo, useSyncExternalStore } from 'react'
import type { AuthClient, SignOutResult } from '../../core/auth-client'
import type { SessionSnapshot, SignedOutReason } from '../../core/session-state'
import { ConfigurationError } from '../../errors/configuration-error'
import type { TokenflightError } from '../../errors/tokenflight-error'
import { AuthContext, type AuthStore } from './auth-store'

/** What {@link useAuth} gives. The same object for as long as nothing in it changes. */
export interface Auth {
  /** `restoring`: not known yet, so show neither the page nor the login. Always `restoring` on a server and while hydrating. */
  readonly status: SessionSnapshot['status']
  /** Why the session ended, where `status` is `signedOut` and one did. */
  readonly reason: SignedOutReason | undefined
  /** Why it is still `restoring`: the storage or the authorization server could not be reached. The next request tries again. */
  readonly error: TokenflightError | undefined
  /** Which sign-in this is: another number is another session. Good as a `key` for what must not outlive one. */
  readonly epoch: number
  /** The client's own, for an event handler: it takes no argument and never rejects. */
  readonly signOut: () => Promise<SignOutResult>
  /** The client, for requests and tokens. */
  readonly auth: AuthClient
}

/** What a server shows, and a page until it is hydrated: on a server nobody's state is read. */
const notKnown: SessionSnapshot = Object.freeze({ status: 'restoring', epoch: 0 })
const getServerSnapshot = (): SessionSnapshot => notKnown

/**
 * Who is signed in, as far as it is known. Renders again when that changes, not when tokens are refreshed.
 *
 * @throws ConfigurationError `AUTH_CONFIGURATION` outside of an `AuthProvider`
 */
export function useAuth(): Auth {
  const { auth, subscribe, getSnapshot } = useAuthStore()
  const state = useSyncExternalStore(subscribe, getSnapshot, getServerSnapshot)
  return useMemo(
    () => ({
      status: state.status,
      reason: state.status === 'signedOut' ? state.reason : undefined,
      error: state.status === 'restoring' ? state.error : undefined,
      epoch: state.epoch,
      signOut: () => auth.signOut(),
      auth,
    }),
    [auth, state],
  )
}

function useAuthStore(): AuthStore {
  const store = useContext(AuthContext)
  if (store) return store
  throw new ConfigurationError(
    'useAuth and useRequireAuth need an AuthProvider above them: wrap your app in <AuthProvider auth={auth}>.',
  )
}
