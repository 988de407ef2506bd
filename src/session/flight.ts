import type { RefreshTrigger } from '../core/refresher'
import type { TokenNeed, TokenSet } from '../core/token-set'
import type { Gate } from './gate'

/** One refresh under way. */
export interface Flight {
  readonly id: number
  readonly epoch: number
  readonly need: TokenNeed
  readonly trigger: RefreshTrigger
  readonly gate: Gate
  /** The tokens there were when it began. */
  readonly from: TokenSet | undefined
  readonly startedAt: number
  /** What a resource server refused: nobody goes out with it. */
  refused: string | undefined
  /** Ends the wait for the lock: what it is for has come about without it, or the session is over. */
  readonly waiting: AbortController
  /** Gives the lock back before the end, once the session is over that it was for. */
  release(): void
  /** `forceRefresh` waits for it: it may bring the same access token again. */
  forced: boolean
  /** It ends the session itself: its waiters leave once everybody was told. */
  ending: boolean
  /** How often the refresher was asked. */
  attempts: number
}
