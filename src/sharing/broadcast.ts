/** “Look again”, said to every tab of the origin. No message carries more than that. */
export interface Broadcast {
  /** Reaches all who subscribed, in this tab too. */
  notify(): void
  /** Until the signal fires. */
  subscribe(onNotice: () => void, signal: AbortSignal): void
}

/** A BroadcastChannel; where there is none, nobody is told. */
export function broadcast(name: string): Broadcast {
  const open = (): BroadcastChannel | undefined =>
    globalThis.BroadcastChannel === undefined ? undefined : new BroadcastChannel(name)
  return {
    notify() {
      const channel = open()
      channel?.postMessage('look again')
      channel?.close()
    },
    subscribe(onNotice, signal) {
      const channel = open()
      channel?.addEventListener('message', () => onNotice())
      signal.addEventListener('abort', () => channel?.close())
    },
  }
}
