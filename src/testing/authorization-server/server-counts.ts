/** What the server has seen since it began, or since `resetCounts()`. */
export interface ServerCounts {
  /** Requests to the token endpoint, those that a fault answered included. */
  readonly tokenRequests: number
  /** Successful refreshes. */
  readonly refreshes: number
  /** Refresh tokens that were refused (`invalid_grant`). */
  readonly rejected: number
  /** Refresh tokens that had been rotated away when they were used. */
  readonly reused: number
  /** Families that ended: by reuse, revocation, sign-out or command. */
  readonly familiesRevoked: number
  /** Revocation requests that were answered 200 (RFC 7009). */
  readonly revocations: number
  /** Requests to the end-session endpoint. */
  readonly endSessions: number
  readonly api: {
    /** All, those that a fault answered included. */
    readonly requests: number
    /** Let in. */
    readonly accepted: number
    /** Sent away for want of an acceptable access token. */
    readonly refused: number
  }
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] extends object ? Writable<Type[Key]> : Type[Key] }

/** Counts that their owner writes. */
export type WritableServerCounts = Writable<ServerCounts>

export const noCounts = (): WritableServerCounts => ({
  tokenRequests: 0,
  refreshes: 0,
  rejected: 0,
  reused: 0,
  familiesRevoked: 0,
  revocations: 0,
  endSessions: 0,
  api: { requests: 0, accepted: 0, refused: 0 },
})
