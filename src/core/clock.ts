/** Time as the session sees it. */
export interface Clock {
  /** Wall clock (epoch ms): for instants that others share. It may jump. */
  now(): number
  /** Never turns back (ms, from any origin): for deadlines, waits and cooldowns. */
  monotonic(): number
  /**
   * Runs `task` once, `ms` from now; returns the cancel function.
   * A Node process is kept alive only with `keepAlive`: somebody is waiting for it.
   */
  after(ms: number, task: () => void, options?: { readonly keepAlive?: boolean }): () => void
}
