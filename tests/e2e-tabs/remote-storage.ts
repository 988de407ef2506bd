import type { Page } from 'playwright-core'
import type { TokenStorage } from '../../src/core/token-storage'
import type { Kind, TabGlobals } from './page'

declare const remote: TabGlobals['remote']

const listeners = new Map<string, () => void>()

/** Lets a tab's storages call back. Once for each page. */
export async function listen(page: Page): Promise<void> {
  await page.exposeFunction('changed', (id: string) => listeners.get(id)?.())
}

/** The storage of a tab, as one here. */
export async function remoteStorage(page: Page, kind: Kind, place: string): Promise<TokenStorage> {
  await page.evaluate(([at, what]) => remote.open(at, what), [place, kind] as const)
  return {
    read: () => page.evaluate((at) => remote.read(at), place),
    write: (tokens) =>
      page.evaluate(([at, text]) => remote.write(at, text), [place, tokens ? JSON.stringify(tokens) : null] as const),
    replace: async (expected, next) =>
      (await page.evaluate(([at, was, text]) => remote.replace(at, was, text), [
        place,
        JSON.stringify(expected),
        next ? JSON.stringify(next) : null,
      ] as const)) === true,
    async lock(signal, name) {
      signal.throwIfAborted()
      const id = crypto.randomUUID()
      const abort = (): void => void page.evaluate((which) => remote.abort(which), id)
      signal.addEventListener('abort', abort)
      try {
        const left = await page.evaluate(([at, which, of]) => remote.lock(at, which, of), [place, id, name] as const)
        return {
          ...(left !== null && { unavailableUntil: left }),
          release: (until) => page.evaluate(([which, time]) => remote.release(which, time), [id, until] as const),
        }
      } catch (error) {
        throw signal.aborted ? signal.reason : error
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },
    subscribe(onChange) {
      const id = crypto.randomUUID()
      listeners.set(id, onChange)
      const subscribed = page.evaluate(([at, which]) => remote.subscribe(at, which), [place, id] as const)
      return () => {
        listeners.delete(id)
        void subscribed.then(() => page.evaluate((which) => remote.unsubscribe(which), id))
      }
    },
  }
}

export const corrupt = (page: Page, place: string, text: string): Promise<void> =>
  page.evaluate(([at, what]) => remote.corrupt(at, what), [place, text] as const)
