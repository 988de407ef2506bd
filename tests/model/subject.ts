import type { AuthClient } from '../../src/core/auth-client'
import type { AuthClientOptions } from '../../src/core/auth-client-options'
import type { TokenSet } from '../../src/core/token-set'
import type { TokenStorage } from '../../src/core/token-storage'

/** What the model is run against: the sources, or a copy of them with a bug seeded. */
export interface Subject {
  createAuthClient(options: AuthClientOptions): AuthClient
  memoryStorage(initial?: TokenSet): TokenStorage
}
