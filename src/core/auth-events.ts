import type { TokenflightError } from '../errors/tokenflight-error'
import type { RefreshTrigger } from './refresher'
import type { SignedOutReason } from './session-state'

/** In every event. No event holds a token, nor a URL's query. */
export interface EventStamp {
  /** When (epoch ms). */
  readonly at: number
  /** The session it is about. */
  readonly epoch: number
}

/** Where tokens came from. `setTokens`: the app itself. */
export type TokenSource = 'exchange' | 'storage' | 'setTokens'

/** What a flight was, once it is over. */
export interface FlightReport {
  /** Joins `refreshStarted` with what came of it; unique in this client. 0 where no flight was needed. */
  readonly flightId: number
  readonly durationMs: number
  /** How often the refresher was asked. 0 where the storage had newer tokens. */
  readonly attempts: number
  /** How many requests waited for it at its end. */
  readonly waiters: number
}

/** Why a request went out without the token although somebody is signed in. */
export type WithheldReason = 'origin' | 'insecure' | 'ownHeader'

/** Each event with its payload, but for {@link EventStamp}. */
export type EventPayloads = {
  /** A session began: by `signIn`, found in the storage, or through a refresh cookie. */
  signedIn: { readonly source: 'signIn' | 'storage' | 'refresh' }
  refreshStarted: {
    readonly flightId: number
    readonly trigger: RefreshTrigger
    /** How long ago the access token was issued (ms), where that is known. */
    readonly tokenAgeMs?: number
  }
  refreshed: FlightReport & { readonly source: TokenSource }
  refreshFailed: FlightReport & { readonly error: TokenflightError }
  /** A resource server did not accept the token. `url` without query and fragment. */
  tokenRefused: { readonly url: string; readonly status: number }
  /** Once for each origin and reason: a request went out without the token. */
  tokenWithheld: { readonly origin: string; readonly reason: WithheldReason }
  /** The user has to do something at the authorization server: RFC 9470's challenge, or an outcome of the refresh. */
  interactionRequired: { readonly acrValues?: string; readonly maxAge?: number; readonly error?: TokenflightError }
  /** A session ended. */
  signedOut: { readonly reason: SignedOutReason }
  /** Show the login now. At most once between two sign-ins; not for one's own `signOut()` and not for `replaced`. */
  unauthenticated: {
    readonly reason: SignedOutReason | 'noSession'
    readonly url?: string
    readonly error?: TokenflightError
  }
  storageError: { readonly error: TokenflightError }
}

/** Each event with what its handler gets. */
export type AuthEvents = { [Name in keyof EventPayloads]: EventPayloads[Name] & EventStamp }
export type AuthEventName = keyof AuthEvents
