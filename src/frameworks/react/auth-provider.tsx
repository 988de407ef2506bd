import { type ReactElement, type ReactNode, useMemo } from 'react'
import type { AuthClient } from '../../core/auth-client'
import { ConfigurationError } from '../../errors/configuration-error'
import { AuthContext, createAuthStore } from './auth-store'

export interface AuthProviderProps {
  /** Of `createAuthClient`. Make it once, outside of components, so that the rest of the app can use it too. */
  readonly auth: AuthClient
  readonly children?: ReactNode
}

/**
 * Lends a client to the hooks below it. Does nothing by itself: no timer, no request, no state.
 *
 * @throws ConfigurationError `AUTH_CONFIGURATION` without a client
 */
export function AuthProvider({ auth, children }: AuthProviderProps): ReactElement {
  const store = useMemo(() => createAuthStore(checked(auth)), [auth])
  return <AuthContext.Provider value={store}>{children}</AuthContext.Provider>
}

function checked(auth: AuthClient | undefined): AuthClient {
  if (typeof auth?.subscribe === 'function') return auth
  throw new ConfigurationError('AuthProvider needs a client: <AuthProvider auth={createAuthClient({ … })}>.')
}
