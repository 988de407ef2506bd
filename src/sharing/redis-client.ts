/** What is asked of a node-redis client (`redis` ≥ 5), made by `createClient` or `createCluster`. */
export interface RedisClient {
  /** Scripts go to the master: a replica's answer can be old, and an old refresh token ends the session. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  duplicate(): RedisSubscriber
}

/** A connection of its own, since one that subscribes takes no other commands. */
export interface RedisSubscriber {
  readonly isOpen: boolean
  on(event: 'error' | 'ready', listener: () => void): unknown
  connect(): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
  destroy(): void
  unref?(): void
}
