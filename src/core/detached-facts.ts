import type { RequestFacts, ResponseFacts } from './authorizer'

/**
 * The same facts for an app's own predicate, which may take them apart: `({ status, text }) => …`, and spells headers as it likes.
 */
export const detachedRequest = (request: RequestFacts): RequestFacts => ({
  url: request.url,
  method: request.method,
  header: (name) => request.header(name.toLowerCase()),
  resendable: request.resendable,
  authenticate: request.authenticate,
  signal: request.signal,
})

/** As {@link detachedRequest}; without what is the transport's business. */
export const detachedResponse = (response: ResponseFacts): ResponseFacts => ({
  status: response.status,
  url: response.url,
  header: (name) => response.header(name.toLowerCase()),
  text: () => response.text(),
})
