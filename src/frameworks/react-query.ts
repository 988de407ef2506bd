export {
  type AuthInfiniteQuery,
  type AuthInfiniteQueryOptions,
  authInfiniteQueryOptions,
} from './react-query/auth-infinite-query-options'
export { authQueryFn, type QueryContext } from './react-query/auth-query-fn'
export { type AuthQuery, authQueryOptions } from './react-query/auth-query-options'
export { authRetry } from './react-query/auth-retry'
export { type ConnectOptions, connectQueryClient } from './react-query/connect-query-client'
export { InvalidDataError, type SchemaIssue } from './react-query/invalid-data-error'
export { type KeyToUrl, keyToUrl, type UrlOptions } from './react-query/key-to-url'
export type { AxiosLike, FetchLike, KyLike, QuerySource } from './react-query/query-source'
export { readResponse } from './react-query/read-response'
export { ResponseError } from './react-query/response-error'
export type { SchemaOrParse, StandardSchema } from './react-query/schema-or-parse'
