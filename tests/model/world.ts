import type { TokenStorage } from '../../src/core/token-storage'
import { type ModelClient, modelClient, refreshTimeoutMs } from './model-client'
import { type ModelClock, modelClock, settled } from './model-clock'
import { type ModelServer, modelServer } from './model-server'
import { createPendingSteps, type PendingSteps } from './pending-steps'
import { createRefreshBook, type RefreshBook } from './refresh-book'
import { slowStorage } from './slow-storage'
import type { Subject } from './subject'

/** What a run starts with. */
export interface Setup {
  readonly storage: 'memory' | 'slow'
  readonly clients: 1 | 2
  /** Somebody is signed in already. */
  readonly restored: boolean
  readonly accessTokenTtlMs: number
  /** The refresher does not pass its signal on: answers can come after the deadline. */
  readonly ignoresSignal: boolean
  readonly keepFresh: boolean
  readonly signOutOnSecondRefusal: boolean
  /** What the app does in its handler. */
  readonly onUnauthenticated: 'nothing' | 'signIn' | 'signOut'
}

/** Everything of one run: clients on one storage, the server, time, and what is still to happen. */
export interface World {
  readonly subject: Subject
  readonly setup: Setup
  readonly clock: ModelClock
  readonly server: ModelServer
  readonly steps: PendingSteps
  readonly storage: TokenStorage
  readonly refreshes: RefreshBook
  readonly clients: readonly ModelClient[]
  /** How much went wrong at the token endpoint. */
  outages: number
  /** Calls of `signOut()` under way by clients that did not know who was signed in. */
  blindSignOuts: number
  /** The rules that were broken. */
  readonly broken: readonly string[]
  fail(message: string): void
}

export function createWorld(subject: Subject, setup: Setup): World {
  const clock = modelClock()
  const server = modelServer(clock, setup.accessTokenTtlMs)
  const steps = createPendingSteps(clock)
  const initial = setup.restored ? restoredTokens(server, clock, setup) : undefined
  const storage = setup.storage === 'slow' ? slowStorage(steps, initial) : subject.memoryStorage(initial)
  const broken: string[] = []
  const clients: ModelClient[] = []
  const world: World = {
    subject,
    setup,
    clock,
    server,
    steps,
    storage,
    refreshes: createRefreshBook(clock, refreshTimeoutMs),
    clients,
    outages: 0,
    blindSignOuts: 0,
    broken,
    fail: (message) => void broken.push(message),
  }
  for (const name of ['A', 'B'].slice(0, setup.clients)) clients.push(modelClient(name, world))
  return world
}

function restoredTokens(server: ModelServer, clock: ModelClock, { accessTokenTtlMs }: Setup) {
  const { tokens } = server.signIn('ada')
  return {
    accessToken: tokens.access_token,
    ...(tokens.refresh_token !== undefined && { refreshToken: tokens.refresh_token }),
    expiresAt: clock.now() + accessTokenTtlMs,
    issuedAt: clock.now(),
    sessionId: 'restored',
  }
}

/** The outage ends, and everything that is under way comes to its end. */
export async function comeToRest({ server, steps, clock, clients }: World): Promise<void> {
  server.faults = { token: undefined, api: undefined }
  steps.flow()
  await settled()
  for (const ms of [100, 2_000, 5_000, 5_000, 12_000, 12_000, 310_000, 30_000]) {
    await clock.advance(ms)
    for (const client of clients) {
      client.observe()
      client.checkWaits()
    }
  }
}
