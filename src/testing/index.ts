export { assertEqual } from './assert-equal'
export { assertThat } from './assert-that'
export type { ChallengeStyle, Refusal } from './authorization-server/challenge'
export type { Echo } from './authorization-server/echo'
export type { Fault } from './authorization-server/fault'
export type { FaultPlan } from './authorization-server/fault-plan'
export type { Gate, HoldOptions } from './authorization-server/gate'
export type { ApiHandler } from './authorization-server/protected-api'
export type { ServerCounts } from './authorization-server/server-counts'
export type { ServerExchange, ServerRoute } from './authorization-server/server-exchange'
export type { RefusalReason, ReusePolicy } from './authorization-server/token-families'
export { ConnectionResetError } from './connection-reset-error'
export { ContractBrokenError } from './contract-broken-error'
export type { ContractCase } from './contract-case'
export { type FakeAuthClient, type FakeAuthClientOptions, type FakeSession, fakeAuthClient } from './fake-auth-client'
export { type FakeAuthorizationServer, fakeAuthorizationServer } from './fake-authorization-server'
export type { FakeAuthorizationServerOptions, ServerPaths } from './fake-authorization-server-options'
export { type FakeClock, fakeClock } from './fake-clock'
export { inMemoryFetch } from './in-memory-fetch'
export { type Served, type ServeOptions, serve } from './serve'
export { type TokenStorageContractOptions, tokenStorageContract } from './storage-contract'
export type { StorageFeature, StoragePlace } from './storage-contract/storage-place'
export { toNodeListener, type WebHandler } from './to-node-listener'
export { type TransportContractOptions, transportContract } from './transport-contract'
export type {
  PlainTransport,
  Transport,
  TransportFeature,
  TransportRequest,
  TransportResponse,
} from './transport-contract/transport'
