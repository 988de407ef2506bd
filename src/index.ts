export type { AuthClient, AuthFetch, AuthRequestInit, GetAccessTokenOptions, SignOutResult } from './core/auth-client'
export type { AuthClientOptions, RevokeContext, TokenlessAuthClientOptions } from './core/auth-client-options'
export type {
  AuthEventName,
  AuthEvents,
  EventStamp,
  FlightReport,
  TokenSource,
  WithheldReason,
} from './core/auth-events'
export type {
  Authenticate,
  Authorization,
  Authorizer,
  NotResentReason,
  RequestFacts,
  ResponseFacts,
} from './core/authorizer'
export type { Clock } from './core/clock'
export type { MaybePromise } from './core/maybe-promise'
export { markNotResent, notResentBecause } from './core/not-resent'
export type {
  RefreshContext,
  Refresher,
  RefreshTrigger,
  TokenlessRefreshContext,
  TokenlessRefresher,
} from './core/refresher'
export type { SessionSnapshot, SignedOutReason } from './core/session-state'
export type {
  AccessToken,
  RelativeTokenSet,
  TokenExtras,
  TokenInput,
  TokenNeed,
  TokenResponse,
  TokenSet,
} from './core/token-set'
export type { HeldLock, TokenStorage } from './core/token-storage'
export { createAuthClient } from './create-auth-client'
export { ConfigurationError } from './errors/configuration-error'
export { InteractionRequiredError } from './errors/interaction-required-error'
export { InvalidTokenError } from './errors/invalid-token-error'
export { isTokenflightError } from './errors/is-tokenflight-error'
export { isUnauthenticated } from './errors/is-unauthenticated'
export { RefreshMisconfiguredError } from './errors/refresh-misconfigured-error'
export { RefreshRejectedError } from './errors/refresh-rejected-error'
export { RefreshUnavailableError } from './errors/refresh-unavailable-error'
export { StorageError } from './errors/storage-error'
export { TokenflightError, type TokenflightErrorCode } from './errors/tokenflight-error'
export { UnauthenticatedError } from './errors/unauthenticated-error'
export { memoryStorage } from './storages/memory-storage'
