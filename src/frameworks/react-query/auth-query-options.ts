import { type DataTag, type QueryKey, queryOptions, type UnusedSkipTokenOptions } from '@tanstack/react-query'
import { authQueryFn } from './auth-query-fn'
import type { UrlOptions } from './key-to-url'
import type { QuerySource } from './query-source'
import { parseWith, type SchemaOrParse } from './schema-or-parse'

/** Options of a query, whose key tells the cache its type. */
export type AuthQuery<Data, Key extends QueryKey> = UnusedSkipTokenOptions<Data, Error, Data, Key> & {
  queryKey: DataTag<Key, Data, Error>
}

/**
 * `queryOptions` for the JSON at the URL this key stands for, typed and checked by a schema:
 * `useQuery(authQueryOptions(auth, ['/users', { page }], z.array(User)))`.
 * The same object serves `useSuspenseQuery`, `prefetchQuery` and `getQueryData(options.queryKey)`; add options by spreading it.
 *
 * Rejects as {@link authQueryFn} does, and with `InvalidDataError` where the answer does not fit the schema.
 * @param source the client, or an axios or ky instance
 * @param schemaOrParse a Standard Schema (zod, valibot, ArkType …), or a function that returns the data or throws
 */
export function authQueryOptions<Data, const Key extends QueryKey>(
  source: QuerySource,
  queryKey: Key,
  schemaOrParse: SchemaOrParse<Data>,
  options?: UrlOptions,
): AuthQuery<Data, Key> {
  const queryFn = authQueryFn(source, options)
  return queryOptions({
    queryKey,
    queryFn: async (context): Promise<Data> => parseWith(schemaOrParse, await queryFn(context)),
  })
}
