/** The URL of the response, after redirects, where the adapter tells (A5). */
export function finalUrl(request: unknown): string | undefined {
  if (!isRequest(request)) return undefined
  const url = request.responseURL ?? request.res?.responseUrl ?? request[endedAt]
  return typeof url === 'string' && url !== '' ? url : undefined
}

/** For axios's `fetch` adapter. One for all: axios keeps an adapter for every `fetch` it is given. */
export const fetchLeavingWord: typeof globalThis.fetch = async (input, init) => {
  const response = await globalThis.fetch(input, init)
  if (response.redirected && input instanceof Request) Object.defineProperty(input, endedAt, { value: response.url })
  return response
}

const endedAt = Symbol('where a redirect led')

/** What the request of each adapter tells. */
interface AnyRequest {
  /** `xhr` */
  readonly responseURL?: unknown
  /** `http` */
  readonly res?: { readonly responseUrl?: unknown } | null
  /** `fetch` */
  readonly [endedAt]?: unknown
}

const isRequest = (value: unknown): value is AnyRequest => typeof value === 'object' && value !== null
