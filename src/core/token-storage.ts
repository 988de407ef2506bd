import type { MaybePromise } from './maybe-promise'
import type { TokenSet } from './token-set'

/** A lock that is held. */
export interface HeldLock {
  /** Left by the holder before, when its exchange was unavailable (epoch ms): whoever began to wait earlier takes that outcome. */
  readonly unavailableUntil?: number
  /** Gives it back. `unavailableUntil` (epoch ms) is for the holders that wait now; without it, what was left before is forgotten. */
  release(unavailableUntil?: number): MaybePromise<void>
}

/**
 * Where a session lives. Whoever shares the tokens shares the lock, so a storage brings both.
 * Every call may throw or reject: the session then reports a `storageError`, and nobody is signed out by it.
 * Calls of one client come one after another, each bounded by `refreshTimeoutMs`.
 */
export interface TokenStorage {
  /**
   * What is stored, unparsed: the session parses it and never trusts it. Besides a token set it understands
   * - `undefined` or `null`: nothing is stored,
   * - `{ sessionId }` without an access token: there is a session whose tokens are not in reach here (a refresh cookie gets them),
   * - `{ ended: true }`: the session was ended on purpose; with `refreshWithoutToken` too nothing is asked until a sign-in.
   */
  read(): MaybePromise<unknown>
  /** Stores unconditionally; `undefined` clears. */
  write(tokens: TokenSet | undefined): MaybePromise<void>
  /**
   * Atomic: writes only while access token and refresh token of `expected` are what is stored; `false` when they are not.
   * Without it the session reads, compares and writes, which another holder can come between.
   */
  replace?(expected: TokenSet, next: TokenSet | undefined): MaybePromise<boolean>
  /**
   * Resolves once the lock is held by this caller alone; rejects with the signal's reason when it fires first.
   * Where the place of the lock is out of reach it rejects with a `StorageError`, and nothing is refreshed; any other error counts as no lock.
   * Two names: the refresh's (no name), and `'fallback'` for those whose wait for the first ran out.
   */
  lock?(signal: AbortSignal, name?: 'fallback'): Promise<HeldLock>
  /** Calls back after every write by anyone who shares this storage; it may also do so for own writes. Returns the unsubscribe function. */
  subscribe?(onChange: () => void): () => void
  /** Its lock ends at this page: other tabs do not share it. */
  readonly pageOnly?: true
}
