import { createContext } from 'react'
import type { AuthClient } from '../../core/auth-client'
import type { SessionSnapshot } from '../../core/session-state'

/** A client as `useSyncExternalStore` wants it. */
export interface AuthStore {
  readonly auth: AuthClient
  readonly subscribe: (listener: () => void) => () => void
  readonly getSnapshot: () => SessionSnapshot
}

export const createAuthStore = (auth: AuthClient): AuthStore => ({
  auth,
  subscribe: (listener) => auth.subscribe(listener),
  getSnapshot: () => auth.state,
})

// The client and not its state: so a change renders those who read it, and nothing between them and the provider.
export const AuthContext = createContext<AuthStore | undefined>(undefined)
