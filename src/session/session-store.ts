import type { Clock } from '../core/clock'
import { isPromise, type MaybePromise } from '../core/maybe-promise'
import {
  initialState,
  type SessionEvent,
  type SessionSnapshot,
  type SessionState,
  type SignedOutReason,
  type StoredSession,
  transition,
} from '../core/session-state'
import { sameTokens, type TokenSet } from '../core/token-set'
import type { TokenStorage } from '../core/token-storage'
import type { StorageError } from '../errors/storage-error'
import type { TokenflightError } from '../errors/tokenflight-error'
import { type Adopt, createAdoption } from './adoption'
import { createAnnouncements, type Ending } from './announcements'
import { type Announcer, type Defer, guard, immediately } from './announcer'
import type { Gate } from './gate'
import { createReadings } from './readings'
import { newSessionId } from './session-id'
import { createStorageCalls } from './storage-calls'
import { createStoredTokens } from './stored-tokens'

/** The session's state, and the storage it lives in. The only one that changes either. */
export interface SessionStore {
  // functions, no getters: those cost an object literal a hidden class each time it is made, and servers make a client a request
  state(): SessionState
  /** The state without its tokens, stable by reference while nothing in it changes. */
  snapshot(): SessionSnapshot
  /** The tokens in use. */
  tokens(): TokenSet | undefined
  /** The access token before the present one, in the same session (A3). */
  lastAccessToken(): string | undefined
  /** Told synchronously, before anything else happens: for the session's own parts. */
  watch(watcher: (state: SessionState, before: SessionState) => void): void
  /** Told when the snapshot changed. */
  subscribe(listener: () => void): () => void
  /**
   * While the state cannot be believed: what to wait for, or why it cannot be known (H4, S2).
   * With `again` it is read once more where that failed before.
   */
  reading(again: boolean): Gate | TokenflightError | undefined
  /** F3: reads the storage and takes over what others wrote. Resolves with why that failed, if it did. */
  look(defer?: Defer): MaybePromise<StorageError | undefined>
  signIn(tokens: TokenSet): Promise<void>
  readonly adopt: Adopt
  /** Ends the session at once and clears the storage; then says so. Resolves with the tokens it had. */
  end(epoch: number, ending: Ending, defer?: Defer): Promise<TokenSet | undefined>
  /** S2: nobody is signed in, and nobody was. */
  nobody(epoch: number, defer?: Defer): void
  restoreFailed(epoch: number, error: TokenflightError, defer?: Defer): void
  /** S3: show the login now; at most once between two sign-ins. */
  unauthenticated(epoch: number, reason: SignedOutReason | 'noSession', details?: Omit<Ending, 'reason'>): void
  /** Reports what the storage threw, reduced to what may be shown. */
  storageFailed(cause: unknown): StorageError
  dispose(): void
}

interface Parts {
  readonly storage: TokenStorage
  readonly clock: Clock
  readonly announcer: Announcer
  readonly report: (error: unknown) => void
  readonly options: { readonly refreshTimeoutMs: number; readonly refreshWithoutToken: boolean }
  /** Reduces what a storage threw to what may be shown. */
  readonly foreign: (error: unknown) => unknown
}

export function createSessionStore({ storage, clock, announcer, report, options, foreign }: Parts): SessionStore {
  let state: SessionState = initialState
  let snapshot: SessionSnapshot = initialState
  let lastAccessToken: string | undefined
  /** How often a session began or ended here: what was read before says nothing about what came after. */
  let ownChanges = 0
  const watchers: ((state: SessionState, before: SessionState) => void)[] = []
  const listeners = new Set<() => void>()
  const announce = createAnnouncements({ announcer, foreign, isSignedIn: () => state.status === 'signedIn' })
  const stored = createStoredTokens(storage, createStorageCalls(clock, options.refreshTimeoutMs), clock)

  const current = (): TokenSet | undefined => (state.status === 'signedIn' ? state.tokens : undefined)

  function dispatch(event: SessionEvent, defer: Defer): boolean {
    const before = state
    state = transition(before, event)
    if (state === before) return false
    if (state.epoch !== before.epoch) {
      lastAccessToken = undefined
      if (event.type !== 'stored') ownChanges += 1
      if (isOwnWord(event)) readings.overrule()
      if (state.status === 'signedIn') announce.anew()
    } else if (before.status === 'signedIn') lastAccessToken = before.tokens.accessToken
    const shown = snapshot
    // before the watchers, who may emit: a handler finds state and tokens of one session
    snapshot = Object.freeze(withoutTokens(state, shown))
    for (const watcher of watchers) watcher(state, before)
    if (snapshot !== shown) {
      defer(() => {
        for (const listener of [...listeners]) listener()
      })
    }
    return true
  }

  const failed = (cause: unknown, defer: Defer = immediately): StorageError =>
    announce.storageFailed(state.epoch, cause, defer)

  /** What was found in the storage becomes the session, if it is news. True when it brought newer tokens of the same session. */
  function take(found: StoredSession, defer: Defer): boolean {
    if (!stored.isNews(found)) return false
    const before = state
    const { epoch } = before
    if (!dispatch({ type: 'stored', epoch, found, tokenless: options.refreshWithoutToken }, defer)) return false
    if (before.status === 'signedIn' && state.epoch !== before.epoch) {
      stored.forget(before.tokens)
      announce.ended(before.epoch, { reason: state.status === 'signedOut' ? 'signedOutElsewhere' : 'replaced' }, defer)
    }
    if (state.status === 'signedIn' && state.epoch !== before.epoch) announce.began(state.epoch, 'storage', defer)
    if (before.status !== 'signedIn' || state.epoch !== before.epoch) return false
    stored.outlive(before.tokens)
    return true
  }
  function look(defer: Defer = immediately, onNewer = (): void => {}): MaybePromise<StorageError | undefined> {
    const changes = ownChanges
    const taken = (found: StoredSession): undefined => {
      readings.settle()
      // it may have shown another's sign-in, of which no other notice comes
      if (changes !== ownChanges) readings.start()
      else if (take(found, defer)) onNewer()
    }
    const notRead = (cause: unknown): StorageError => failed(cause, defer)
    try {
      const found = stored.read()
      return isPromise(found) ? found.then(taken, notRead) : taken(found)
    } catch (cause) {
      return notRead(cause)
    }
  }

  const readings = createReadings({
    clock,
    session: {
      epoch: () => state.epoch,
      isRestoring: () => state.status === 'restoring',
      look: (onNewer) => look(immediately, onNewer),
      failed: (epoch, error) => void dispatch({ type: 'restoreFailed', epoch, error }, immediately),
      refreshedElsewhere: () => announce.refreshedElsewhere(state.epoch),
    },
  })

  const adopt = createAdoption({
    stored,
    clock,
    session: {
      has: (epoch, tokens) => state.epoch === epoch && state.status !== 'signedOut' && sameTokens(current(), tokens),
      goesOn: (epoch) => state.epoch === epoch,
      look,
      failed,
      use(epoch, tokens, defer) {
        const before = state
        dispatch({ type: 'refreshed', epoch, tokens }, defer)
        if (before.status === 'restoring') announce.began(state.epoch, 'refresh', defer)
      },
    },
  })

  let unsubscribe: (() => void) | undefined
  guard(
    () => {
      unsubscribe = storage.subscribe?.(guard(readings.start, report))
      return unsubscribe
    },
    // those who listen come after this client was made
    (cause) => void failed(cause, (task) => void Promise.resolve().then(task)),
  )()
  readings.start()

  return {
    state: () => state,
    snapshot: () => snapshot,
    tokens: current,
    lastAccessToken: () => lastAccessToken,
    watch: (watcher) => void watchers.push(watcher),
    subscribe(listener) {
      const guarded = guard(listener, report)
      listeners.add(guarded)
      return () => listeners.delete(guarded)
    },
    reading(again) {
      return readings.gate(again) ?? (readings.isOwed() && state.status === 'restoring' ? state.error : undefined)
    },
    look,
    async signIn(input) {
      const tokens = Object.freeze({ ...input, sessionId: newSessionId() })
      const before = state
      dispatch({ type: 'signedIn', tokens }, immediately)
      readings.settle()
      try {
        await stored.write(tokens)
      } catch (cause) {
        failed(cause)
      }
      if (before.status === 'signedIn') announce.ended(before.epoch, { reason: 'replaced' }, immediately)
      if (current()?.sessionId === tokens.sessionId) announce.began(state.epoch, 'signIn', immediately)
    },
    adopt,
    async end(epoch, ending, defer = immediately) {
      const before = state
      const ours = current()
      if (!dispatch({ type: 'ended', epoch, reason: ending.reason }, defer)) return undefined
      readings.settle()
      if (before.status === 'signedIn') announce.ending(ending.reason)
      let tokens = ours
      try {
        tokens = (await stored.clear(ours, ending.reason === 'signOut')) ?? ours
      } catch (cause) {
        failed(cause, defer)
      }
      if (before.status === 'signedIn') announce.ended(epoch, ending, defer)
      return tokens
    },
    nobody(epoch, defer = immediately) {
      stored.refuse()
      dispatch({ type: 'ended', epoch }, defer)
    },
    restoreFailed: (epoch, error, defer = immediately) => void dispatch({ type: 'restoreFailed', epoch, error }, defer),
    unauthenticated: announce.unauthenticated,
    storageFailed: (cause) => failed(cause),
    dispose() {
      if (unsubscribe) guard(unsubscribe, report)()
      listeners.clear()
    },
  }
}

/** What the app itself has just said counts, whatever the storage turns out to hold. */
const isOwnWord = (event: SessionEvent): boolean =>
  event.type === 'signedIn' || (event.type === 'ended' && event.reason === 'signOut')

/** The same object as before while nothing that shows has changed. */
function withoutTokens(state: SessionState, before: SessionSnapshot): SessionSnapshot {
  if (state.status !== 'signedIn') return state
  if (before.status === 'signedIn' && before.epoch === state.epoch) return before
  return { status: 'signedIn', epoch: state.epoch }
}
