import axios, { type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios'
import { fetchLeavingWord } from './final-url'

/**
 * The adapter that axios would choose. Its `fetch` adapter keeps the response to itself, so it gets a `fetch` that leaves word of
 * redirects, unless `env` brings another (axios 1.12 and later: before, it takes none).
 */
export function resolveAdapter(
  adapter: InternalAxiosRequestConfig['adapter'],
  config: InternalAxiosRequestConfig,
): AxiosAdapter {
  const chosen = axios.getAdapter(adapter, config)
  const { env } = config
  if (typeof adapter === 'function' || !takesFetch(chosen) || !env || env.fetch !== undefined) return chosen
  config.env = { ...env, fetch: fetchLeavingWord }
  try {
    return axios.getAdapter(adapter, config)
  } finally {
    config.env = env
  }
}

/** Is it an adapter of somebody's own, rather than one of axios's? */
export const isBrought = (adapter: InternalAxiosRequestConfig['adapter'], chosen: AxiosAdapter): boolean =>
  adapter === chosen || (Array.isArray(adapter) && adapter.includes(chosen))

/** axios gives these two a name: nearly every request is theirs, and to copy `env` for it would cost 5 µs. */
const takesFetch = ({ name }: AxiosAdapter): boolean => name !== 'http' && name !== 'xhr'

/** Is it axios's `fetch` adapter? */
export const isFetchAdapter = (adapter: AxiosAdapter, config: InternalAxiosRequestConfig): boolean =>
  adapter === resolveAdapter(['fetch', noAdapter], config)

/** Where there is no `fetch`. */
const noAdapter: AxiosAdapter = () => Promise.reject()
