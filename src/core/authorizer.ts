import type { MaybePromise } from './maybe-promise'
import type { TokenNeed } from './token-set'

/** What a request says of itself: `false`: untouched · `true`: with a token if there is one · `'required'`: not while nobody is signed in. */
export type Authenticate = boolean | 'required'

/** Why a refused request was not sent again although its token was refreshed. */
export type NotResentReason = 'streamBody'

/** What an authorizer needs to know of a request. */
export interface RequestFacts {
  /** Absolute; parsed only when its start does not settle the origin. */
  readonly url: string
  readonly method: string
  /** A header the caller set. A request that carries its own authorization is left alone. */
  header(name: string): string | null | undefined
  /** Can it be sent a second time? A stream cannot: its token is made fresh before it is sent. */
  readonly resendable: boolean
  /** What the request itself said, if anything. */
  readonly authenticate?: Authenticate | undefined
  readonly signal?: AbortSignal | undefined
}

/** What an authorizer needs to know of a response. */
export interface ResponseFacts {
  readonly status: number
  /** After redirects, where the client tells. */
  readonly url?: string | undefined
  header(name: string): string | null | undefined
  /** At most 64 KB of the body, without taking it from the caller; `undefined` for event streams and types that are not text. */
  text(): Promise<string | undefined>
  /** From here on the request waits or is sent again: give the connection back, keep up to 64 KB of the body. */
  release?(): void
  /** The request is not sent again although its token was refreshed. */
  notResent?(reason: NotResentReason): void
}

/** What to put on one sending of a request. Only `headers` is a transport's business; there may be none. */
export interface Authorization {
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** @internal the session it was made in */
  readonly epoch: number
  /** @internal */
  readonly need: TokenNeed
  /** @internal the access token it was made from, `undefined` where nobody was signed in */
  readonly accessToken: string | undefined
  /** @internal made by `reauthorize` */
  readonly resend: boolean
}

/** The two questions a transport asks. It is a loop: send, ask again, until the answer is `undefined`. */
export interface Authorizer {
  /**
   * Before sending. An authorization at once while the token is fresh, a promise only when the request has to wait;
   * `undefined`: send it untouched, and do not ask again. May throw as well as reject: then the request is not sent.
   */
  authorize(request: RequestFacts): MaybePromise<Authorization | undefined>
  /**
   * After every response to an authorized request, also a resend's. An authorization: send again with it.
   * `undefined`, at once unless refused: hand the response to the caller.
   */
  reauthorize(
    sent: Authorization,
    request: RequestFacts,
    response: ResponseFacts,
  ): MaybePromise<Authorization | undefined>
}
