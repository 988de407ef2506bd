import type { RedisClient, RedisSubscriber } from './redis-client'

/** Change notices from Redis for any number of sessions, over one connection. */
export interface RedisChanges {
  /**
   * Calls back with each message of the channel, and with `undefined` when messages may have been missed: once listening has begun,
   * and after a lost connection. Returns the function that ends it; the last one closes the connection.
   */
  listen(channel: string, listener: (message: string | undefined) => void): () => void
}

interface Connection {
  readonly subscriber: RedisSubscriber
  readonly ready: Promise<unknown>
}

const reopenAfterMs = 1_000

/** To be called once it is connected, or has failed to be: node-redis keeps the socket that it is opening when it is destroyed. */
function close(subscriber: RedisSubscriber): void {
  try {
    subscriber.destroy()
  } catch {
    // it is closed already
  }
}

/**
 * One connection (a `duplicate()` of the client) for the change notices of all storages that are given it: `redisStorage`'s option
 * `changes`. It is opened by the first who listens, closed by the last, keeps no process alive, and comes back by itself.
 */
export function redisChanges(client: Pick<RedisClient, 'duplicate'>): RedisChanges {
  const channels = new Map<string, Set<(message: string | undefined) => void>>()
  let connection: Connection | undefined

  const tell = (channel: string, message?: string): void => {
    for (const listener of [...(channels.get(channel) ?? [])]) listener(message)
  }
  function open(): Connection {
    const subscriber = client.duplicate()
    let connected = false
    subscriber.on('ready', () => {
      if (connection?.subscriber !== subscriber) return close(subscriber)
      if (connected) for (const channel of channels.keys()) tell(channel)
      connected = true
    })
    // Without a listener an error would end the process. Notices are hints: what is stored is read again under the lock.
    subscriber.on('error', () => queueMicrotask(() => reopenIfOver(subscriber)))
    subscriber.unref?.()
    return { subscriber, ready: subscriber.connect() }
  }
  /** Clients come back by themselves, unless their `reconnectStrategy` says no: the default one does so after a `socketTimeout`. */
  function reopenIfOver(subscriber: RedisSubscriber): void {
    if (connection?.subscriber !== subscriber) {
      close(subscriber)
      return
    }
    if (subscriber.isOpen) return
    connection = undefined
    setTimeout(() => {
      for (const channel of channels.keys()) begin(channel)
    }, reopenAfterMs).unref()
  }
  function begin(channel: string): void {
    connection ??= open()
    const { subscriber, ready } = connection
    const live = async (): Promise<void> => {
      await ready
      if (!channels.has(channel)) return
      await subscriber.subscribe(channel, (message) => tell(channel, message))
      tell(channel)
    }
    live().catch(() => reopenIfOver(subscriber))
  }
  function end(channel: string): void {
    channels.delete(channel)
    if (connection === undefined) return
    const { subscriber, ready } = connection
    if (channels.size > 0) {
      ready.then(() => subscriber.unsubscribe(channel)).catch(() => {})
      return
    }
    connection = undefined
    ready.then(() => close(subscriber)).catch(() => {})
  }

  return {
    listen(channel, listener) {
      // two who listen may bring the same function
      const own = (message: string | undefined): void => listener(message)
      const listeners = channels.get(channel)
      if (listeners !== undefined) listeners.add(own)
      else {
        channels.set(channel, new Set([own]))
        begin(channel)
      }
      return () => {
        const left = channels.get(channel)
        if (left?.delete(own) && left.size === 0) end(channel)
      }
    },
  }
}
