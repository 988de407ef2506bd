import { ownFields } from '../../core/own-fields'

export type NextAuthVersion = 4 | 5

/** What next-auth's own clients tell each other: that somebody signed out, or that there is a session to look at. */
export type MessageTrigger = 'getSession' | 'signout'

/** The messages of next-auth's `SessionProvider`, both ways: v4 by localStorage, v5 by a BroadcastChannel. */
export interface Messages {
  /** To the provider of this page and to the other tabs; not to who subscribes here. */
  tell(trigger: MessageTrigger): void
  /** Calls back on every message, whatever it says: it is not trusted. Returns the unsubscribe function. */
  subscribe(onMessage: () => void): () => void
  /** From now on `tell` speaks this version's way; before, both. */
  recognise(version: NextAuthVersion): void
}

const item = 'nextauth.message'
const channelName = 'next-auth'
/** Names this library as the sender, by whose messages no version is recognised. */
const sender = 'tokenflight'

export function createMessages(given: NextAuthVersion | undefined): Messages {
  let version = given
  let channel: BroadcastChannel | undefined
  let isTelling = false

  function tellByStorage(message: object): void {
    // an event comes of a change only: two messages in one second have to differ
    const newValue = JSON.stringify({ ...message, clientId: sender, timestamp: seconds(), id: Math.random() })
    try {
      localStorage.setItem(item, newValue)
    } catch {
      // full or forbidden: next-auth drops its messages then too
    }
    isTelling = true
    try {
      // the page that writes gets no event of its own
      dispatchEvent(new StorageEvent('storage', { key: item, newValue }))
    } finally {
      isTelling = false
    }
  }
  function tellByChannel(message: object): void {
    // from the very channel that listens here, which does not hear itself
    const open = channel ?? openChannel()
    open?.postMessage({ ...message, clientId: sender })
    if (open !== channel) open?.close()
  }
  function recognise(heard: NextAuthVersion): void {
    version = given ?? heard
  }

  return {
    recognise,
    tell(trigger) {
      const message = { event: 'session', data: { trigger } }
      if (version !== 5) tellByStorage(message)
      if (version !== 4) tellByChannel(message)
    },
    subscribe(onMessage) {
      const unsubscribed = new AbortController()
      const { signal } = unsubscribed
      const onStorage = ({ key, newValue }: StorageEvent): void => {
        if (key !== item || isTelling) return
        if (!isOwn(parseJson(newValue))) recognise(4)
        onMessage()
      }
      const onChannel = ({ data }: MessageEvent<unknown>): void => {
        if (!isOwn(data)) recognise(5)
        onMessage()
      }
      const listening = openChannel()
      channel = listening
      addEventListener('storage', onStorage, { signal })
      listening?.addEventListener('message', onChannel)
      return () => {
        unsubscribed.abort()
        listening?.close()
        if (channel === listening) channel = undefined
      }
    },
  }
}

const openChannel = (): BroadcastChannel | undefined =>
  globalThis.BroadcastChannel === undefined ? undefined : new BroadcastChannel(channelName)

const isOwn = (message: unknown): boolean => ownFields(message)?.get('clientId') === sender

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}

const seconds = (): number => Math.floor(Date.now() / 1000)
