import type { ResolveUrl } from '../core/resolve-url'
import { responseWith } from '../core/response-with'

/** X4: so much of an answer is read (bytes). */
export const maxAnswerBytes = 1024 * 1024

/** The `fetch` that refreshers get: no session, relative URLs on `baseUrl`, no redirect followed unless asked for, at most 1 MB read. */
export function createPlainFetch(send: () => typeof globalThis.fetch, resolve: ResolveUrl): typeof globalThis.fetch {
  return async (input, init) => {
    const target = typeof input === 'string' ? (resolve(input) ?? input) : input
    const ownRedirect = input instanceof Request && input.redirect !== 'follow'
    return limited(await send()(target, ownRedirect ? init : { ...init, redirect: init?.redirect ?? 'error' }))
  }
}

/** The same response, whose body fails when it is longer than `maxAnswerBytes`. */
function limited(response: Response): Response {
  // other implementations of fetch have bodies of their own kind
  if (typeof response.body?.pipeThrough !== 'function') return response
  let left = maxAnswerBytes
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      left -= chunk.byteLength
      if (left < 0) controller.error(new TypeError(`the answer is longer than ${maxAnswerBytes} bytes`))
      else controller.enqueue(chunk)
    },
  })
  return responseWith(response.body.pipeThrough(count), response)
}
