import axios, { type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios'

/** The URL of the response, after redirects, where the adapter tells (A5). */
export function finalUrl(request: unknown): string | undefined {
  if (!isRequest(request)) return undefined
  const url = request.responseURL ?? request.res?.responseUrl ?? request[endedAt]
  return typeof url === 'string' && url !== '' ? url : undefined
}

/**
 * The adapter that axios would choose. Its `fetch` adapter keeps the response to itself, so it gets a `fetch` that leaves word of
 * redirects, unless `env` brings another (axios 1.12 and later: before, it takes none).
 */
export function resolveAdapter(
  adapter: InternalAxiosRequestConfig['adapter'],
  config: InternalAxiosRequestConfig,
): AxiosAdapter {
  const { env } = config
  if (typeof adapter === 'function' || env === undefined || env.fetch !== undefined)
    return axios.getAdapter(adapter, config)
  config.env = { ...env, fetch: fetchLeavingWord }
  try {
    return axios.getAdapter(adapter, config)
  } finally {
    config.env = env
  }
}

/** Is it axios's `fetch` adapter? axios gives it no name. */
export const isFetchAdapter = (adapter: AxiosAdapter, config: InternalAxiosRequestConfig): boolean =>
  adapter === resolveAdapter(['fetch', noAdapter], config)

/** Where there is no `fetch`. */
const noAdapter: AxiosAdapter = () => Promise.reject()

/** One for all: axios keeps an adapter for every `fetch` it is given. */
const fetchLeavingWord: typeof globalThis.fetch = async (input, init) => {
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
