import {
  type DataTag,
  type GetNextPageParamFunction,
  type GetPreviousPageParamFunction,
  type InfiniteData,
  infiniteQueryOptions,
  type QueryKey,
  type UnusedSkipTokenInfiniteOptions,
} from '@tanstack/react-query'
import { authQueryFn } from './auth-query-fn'
import type { UrlOptions } from './key-to-url'
import type { QuerySource } from './query-source'
import { parseWith, type SchemaOrParse } from './schema-or-parse'

/** What react-query needs to know of pages, and how a key and a page's parameter become a URL. */
export interface AuthInfiniteQueryOptions<Data, PageParam> extends UrlOptions {
  readonly initialPageParam: PageParam
  readonly getNextPageParam: GetNextPageParamFunction<PageParam, Data>
  readonly getPreviousPageParam?: GetPreviousPageParamFunction<PageParam, Data>
  readonly maxPages?: number
}

/** Options of an infinite query, whose key tells the cache its type. */
export type AuthInfiniteQuery<Data, Key extends QueryKey, PageParam> = UnusedSkipTokenInfiniteOptions<
  Data,
  Error,
  InfiniteData<Data>,
  Key,
  PageParam
> & { queryKey: DataTag<Key, InfiniteData<Data>, Error> }

/**
 * `infiniteQueryOptions` for pages of JSON, each typed and checked by a schema. The page's parameter goes to the query of the URL:
 * `2` as `page=2`, `{ cursor: 'x' }` as `cursor=x`; or say otherwise with `toUrl`.
 *
 * @param source the client, or an axios or ky instance
 * @param schemaOrParse of one page
 */
export function authInfiniteQueryOptions<Data, const Key extends QueryKey, PageParam>(
  source: QuerySource,
  queryKey: Key,
  schemaOrParse: SchemaOrParse<Data>,
  { toUrl, ...pages }: AuthInfiniteQueryOptions<Data, PageParam>,
): AuthInfiniteQuery<Data, Key, PageParam> {
  const queryFn = authQueryFn(source, toUrl ? { toUrl } : {})
  return infiniteQueryOptions({
    ...pages,
    queryKey,
    queryFn: async (context): Promise<Data> => parseWith(schemaOrParse, await queryFn(context)),
  })
}
