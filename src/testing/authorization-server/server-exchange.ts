import type { RefusalReason } from './token-families'

/** What a request was for. `refresh` and `login` are the cookie's own; `api` is everything protected. */
export type ServerRoute = 'token' | 'refresh' | 'login' | 'logout' | 'revoke' | 'endSession' | 'api'

/** One request and its answer, for a timeline or a log. No tokens in it: they go by their labels. */
export interface ServerExchange {
  /** Counted up, in the order of arrival. */
  readonly id: number
  /** When it arrived (epoch ms of the server). */
  readonly at: number
  readonly durationMs: number
  readonly route: ServerRoute
  readonly method: string
  /** Without its query. */
  readonly path: string
  readonly user?: string
  /** `undefined`: no answer. The connection was reset, or the client gave up. */
  readonly status: number | undefined
  /** The token that was shown: `access 3 of family 1`. */
  readonly shown?: string
  /** The access token that was issued. */
  readonly issued?: string
  /** Why the access token was not accepted. */
  readonly refusal?: RefusalReason
}

/** What is written into an exchange while it goes on. */
export type ExchangeNotes = { -readonly [Key in 'user' | 'shown' | 'issued' | 'refusal']?: ServerExchange[Key] }
