import type { QueryKey } from '@tanstack/react-query'
import { keyToUrl, type UrlOptions } from './key-to-url'
import { load, type QuerySource } from './query-source'

/** What of react-query's context a query is made of. */
export interface QueryContext {
  readonly queryKey: QueryKey
  readonly signal: AbortSignal
  readonly pageParam?: unknown
}

/**
 * A `queryFn` that gets the JSON at the URL its key stands for: as the default of all queries,
 * `new QueryClient({ defaultOptions: { queries: { queryFn: authQueryFn(auth) } } })`. Works for infinite queries too.
 * What nobody waits for any more is aborted.
 *
 * Rejects with `ResponseError` (fetch), `AxiosError` or `HTTPError` (ky) where the status is not 2xx, with this library's errors where
 * the request was not sent.
 * @param source the client, or an axios or ky instance
 */
export function authQueryFn(source: QuerySource, { toUrl = keyToUrl }: UrlOptions = {}) {
  return ({ queryKey, signal, pageParam }: QueryContext): Promise<unknown> =>
    load(source, toUrl(queryKey, pageParam), signal)
}
