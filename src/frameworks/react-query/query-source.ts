import { readResponse } from './read-response'

/** Whatever has a `fetch`: the client of `createAuthClient`. */
export interface FetchLike {
  fetch(url: string, init: { signal: AbortSignal }): Promise<Response>
}

/** An axios instance, with the session of `axiosWithAuth` or without. */
export interface AxiosLike {
  request(config: { url: string; signal: AbortSignal }): Promise<{ data: unknown }>
}

/** A ky instance, with the session of `kyWithAuth` or without. */
export type KyLike = (
  url: string,
  options: { signal: AbortSignal; throwHttpErrors: true },
) => { json(): Promise<unknown> }

/** What queries are sent with. */
export type QuerySource = FetchLike | AxiosLike | KyLike

/**
 * The JSON at this URL. Rejects as its client would; over `fetch` with a `ResponseError` where the status is not 2xx.
 * An empty body is `null`, since a query's data cannot be undefined.
 */
export async function load(source: QuerySource, url: string, signal: AbortSignal): Promise<unknown> {
  if ('request' in source) return present((await source.request({ url, signal })).data)
  if ('fetch' in source) return readResponse(await source.fetch(url, { signal }))
  return present(await source(url, { signal, throwHttpErrors: true }).json())
}

/** axios and ky give an empty text for an empty body. */
const present = (data: unknown): unknown => (data === '' || data === undefined ? null : data)
