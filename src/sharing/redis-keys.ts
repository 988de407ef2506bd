/** The names under which one session is in Redis. */
export interface RedisKeys {
  readonly tokens: string
  /** Where changes and released locks are told. */
  readonly channel: string
  lock(name: 'refresh' | 'fallback'): string
  /** What the lock's last holder left. */
  left(name: 'refresh' | 'fallback'): string
}

/** One hash tag for all of them: in Redis Cluster they are in one slot, where a script can reach them. */
export function redisKeys(key: string): RedisKeys {
  // A brace in it would end the tag.
  const session = `tokenflight:{${key.replace(/[%{}]/g, encodeURIComponent)}}`
  return {
    tokens: `${session}:tokens`,
    channel: `${session}:changes`,
    lock: (name) => `${session}:lock:${name}`,
    left: (name) => `${session}:left:${name}`,
  }
}
