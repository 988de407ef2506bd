import { untilAborted } from './authorization-server/until-aborted'
import { ConnectionResetError } from './connection-reset-error'

/**
 * A `fetch` that asks this handler, without a network: aborts and resets reject as they do with the real one.
 * URLs have to be absolute.
 */
export function inMemoryFetch(handle: (request: Request) => Promise<Response>): typeof globalThis.fetch {
  return async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    // The caller's own signal: a request's merely follows it, weakly held.
    const signal = init?.signal ?? (input instanceof Request ? input.signal : request.signal)
    signal.throwIfAborted()
    try {
      return await Promise.race([handle(request), untilAborted(signal)])
    } catch (error) {
      if (error instanceof ConnectionResetError) throw new TypeError('fetch failed', { cause: error })
      throw error
    }
  }
}
