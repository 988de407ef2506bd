/** Change notices among those who share this very object. */
export interface LocalChannel {
  notify(): void
  subscribe(onNotice: () => void): () => void
}

export function localChannel(): LocalChannel {
  const listeners = new Set<() => void>()
  return {
    notify() {
      for (const listener of [...listeners]) listener()
    },
    subscribe(onNotice) {
      // two subscribers may bring the same function
      const listener = (): void => onNotice()
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
