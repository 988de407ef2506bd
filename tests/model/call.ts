import type { Session } from './model-server'

/** Something an app asked of a client, and what the model saw of it. */
export interface Call {
  readonly label: string
  /** The session its client was in when it was made, where it was in one. */
  session: Session | undefined
  readonly abort: AbortController
  /** A stream: not to be sent twice. */
  readonly once: boolean
  /** The access tokens it was sent with. */
  readonly sends: (string | undefined)[]
  /** How it ended. */
  outcome: { readonly value: unknown } | { readonly error: unknown } | undefined
  /** Since when it has waited within the client (monotonic ms); `undefined` while it is on the wire. */
  waitsSince: number | undefined
}
