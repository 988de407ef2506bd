/** One item of the page's localStorage or sessionStorage. */
export interface StorageItem {
  /** `null` without one, and on a server. */
  read(): string | null
  /** `null` removes it. On a server it throws, unless there is nothing to keep. */
  put(text: string | null): void
}

/** A server may have a localStorage too (Node, Deno), but that one belongs to all of its users. */
export const isPage = (): boolean => typeof document !== 'undefined'

/** Looks the area up when it is used: making one fails nowhere, not even on a server. */
export const storageItem = (area: 'localStorage' | 'sessionStorage', key: string): StorageItem => ({
  read: () => (isPage() ? globalThis[area].getItem(key) : null),
  put(text) {
    if (isPage()) {
      if (text === null) globalThis[area].removeItem(key)
      else globalThis[area].setItem(key, text)
    } else if (text) {
      throw new Error(`no ${area} here: on a server use cookieStorage or memoryStorage`)
    }
  },
})
