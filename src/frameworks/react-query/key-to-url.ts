import type { QueryKey } from '@tanstack/react-query'
import { ConfigurationError } from '../../errors/configuration-error'

/** Makes the URL of a query from its key; of an infinite query also from the page's parameter. */
export type KeyToUrl = (queryKey: QueryKey, pageParam?: unknown) => string

export interface UrlOptions {
  /** @defaultValue {@link keyToUrl} */
  readonly toUrl?: KeyToUrl
}

/**
 * How a key becomes a URL, unless you say otherwise: `['/users', 7, 'posts', { page: 2, tag: ['a', 'b'] }]` is
 * `/users/7/posts?page=2&tag=a&tag=b`. The first element is the URL as it is, further strings and numbers are segments of its path,
 * an object at the end is its query: lists repeat a name, dates are ISO 8601, `undefined` and `null` are left out.
 * The parameter of a page goes to the query too: an object as it is, anything else as `page`.
 *
 * @throws ConfigurationError `AUTH_CONFIGURATION` for a key that is no URL
 */
export function keyToUrl(queryKey: QueryKey, pageParam?: unknown): string {
  const [url, ...rest] = queryKey
  if (typeof url !== 'string') throw unfit('its first element has to be the URL')
  const last = rest.at(-1)
  const params = isFields(last) ? last : undefined
  const segments = (params ? rest.slice(0, -1) : rest).map(segment)
  const [path = '', ownQuery = ''] = url.replace(/#.*$/s, '').split(/\?(.*)/s)
  const base = segments.length > 0 ? [path.replace(/\/$/, ''), ...segments].join('/') : path
  const query = [ownQuery, search({ ...params, ...pageParams(pageParam) })].filter((part) => part !== '').join('&')
  return query === '' ? base : `${base}?${query}`
}

function search(params: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    [value]
      .flat()
      .filter((item) => item !== undefined && item !== null)
      .map((item) => [name, text(item)]),
  )
  return String(new URLSearchParams(pairs))
}

function pageParams(pageParam: unknown): Readonly<Record<string, unknown>> | undefined {
  if (isFields(pageParam)) return pageParam
  return pageParam === undefined || pageParam === null ? undefined : { page: pageParam }
}

function segment(value: unknown): string {
  const segment = encodeURIComponent(text(value))
  // they would lead to another path
  if (segment === '' || segment === '.' || segment === '..') throw unfit(`a segment of its path is '${segment}'`)
  return segment
}

function text(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value)
  throw unfit('after the URL it may hold strings and numbers, and last an object of such values')
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

const unfit = (why: string): ConfigurationError =>
  new ConfigurationError(
    `This query key is no URL: ${why}. Change it, or give the query a queryFn, or the option toUrl.`,
  )
