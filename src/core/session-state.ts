import type { TokenflightError } from '../errors/tokenflight-error'
import { isSameSession } from './same-session'
import { sameTokens, type TokenSet } from './token-set'

/**
 * Why a session ended. `signOut`: here, on purpose · `refreshRejected`: the authorization server refused the refresh token ·
 * `tokenRefused`: the resource server refused the access token and nothing can refresh it · `signedOutElsewhere`: by another tab,
 * process or machine · `replaced`: another sign-in took its place.
 */
export type SignedOutReason = 'signOut' | 'refreshRejected' | 'tokenRefused' | 'signedOutElsewhere' | 'replaced'

/** The session, without its tokens. One value, stable by reference while nothing in it changes. */
export type SessionSnapshot =
  | { readonly status: 'restoring'; readonly epoch: number; readonly error?: TokenflightError }
  | { readonly status: 'signedIn'; readonly epoch: number }
  | { readonly status: 'signedOut'; readonly epoch: number; readonly reason?: SignedOutReason }

/** The session with its tokens. */
export type SessionState =
  | Exclude<SessionSnapshot, { status: 'signedIn' }>
  | { readonly status: 'signedIn'; readonly epoch: number; readonly tokens: TokenSet }

/** What a storage held, parsed. */
export type StoredSession =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  | { readonly kind: 'nothing' }
  /** There is a session, its tokens are not in reach here. */
  | { readonly kind: 'elsewhere'; readonly sessionId: string }
  | { readonly kind: 'ended' }

/** What can happen to a session. An event that names an epoch changes nothing in another one. */
export type SessionEvent =
  | { readonly type: 'signedIn'; readonly tokens: TokenSet }
  | { readonly type: 'refreshed'; readonly epoch: number; readonly tokens: TokenSet }
  /** The storage was read: at the start, after a change elsewhere, under the lock. */
  | { readonly type: 'stored'; readonly epoch: number; readonly found: StoredSession; readonly tokenless: boolean }
  /** What was needed to know the session could not be had. */
  | { readonly type: 'restoreFailed'; readonly epoch: number; readonly error: TokenflightError }
  | { readonly type: 'ended'; readonly epoch: number; readonly reason?: SignedOutReason }

export const initialState: SessionState = Object.freeze({ status: 'restoring', epoch: 0 })

/** The only place a session changes. Returns the same object when the event changes nothing. */
export function transition(state: SessionState, event: SessionEvent): SessionState {
  if (event.type === 'signedIn') return signedIn(state.epoch + 1, event.tokens)
  if (event.epoch !== state.epoch) return state
  switch (event.type) {
    case 'refreshed':
      if (state.status === 'signedOut') return state
      return signedIn(state.status === 'restoring' ? state.epoch + 1 : state.epoch, event.tokens)
    case 'stored':
      return stored(state, event.found, event.tokenless)
    case 'restoreFailed':
      return state.status === 'restoring' ? { status: 'restoring', epoch: state.epoch, error: event.error } : state
    case 'ended':
      return state.status === 'signedOut' ? state : signedOut(state.epoch + 1, event.reason)
  }
}

function stored(state: SessionState, found: StoredSession, tokenless: boolean): SessionState {
  const { epoch, status } = state
  switch (found.kind) {
    case 'tokens': {
      if (status !== 'signedIn') return signedIn(epoch + 1, found.tokens)
      if (sameTokens(state.tokens, found.tokens)) return state
      if (!isSameSession(state.tokens, found.tokens)) return signedIn(epoch + 1, found.tokens)
      // who leaves the id out does not make another session of it, but the next sign-in does
      const { sessionId } = state.tokens
      return signedIn(epoch, sessionId === undefined ? found.tokens : Object.freeze({ sessionId, ...found.tokens }))
    }
    case 'elsewhere':
      if (status === 'signedIn') {
        if ((state.tokens.sessionId ?? found.sessionId) === found.sessionId) return state
        return tokenless ? { status: 'restoring', epoch: epoch + 1 } : signedOut(epoch + 1, 'signedOutElsewhere')
      }
      if (status === 'restoring') return tokenless ? state : signedOut(epoch)
      return tokenless ? { status: 'restoring', epoch: epoch + 1 } : state
    case 'nothing':
      if (status === 'restoring') return tokenless ? state : signedOut(epoch)
      return status === 'signedIn' ? signedOut(epoch + 1, 'signedOutElsewhere') : state
    case 'ended':
      if (status === 'restoring') return signedOut(epoch)
      return status === 'signedIn' ? signedOut(epoch + 1, 'signedOutElsewhere') : state
  }
}

const signedIn = (epoch: number, tokens: TokenSet): SessionState => ({ status: 'signedIn', epoch, tokens })
const signedOut = (epoch: number, reason?: SignedOutReason): SessionState =>
  reason === undefined ? { status: 'signedOut', epoch } : { status: 'signedOut', epoch, reason }
