import type { Authorization } from '../core/authorizer'

/** A header of an init, whichever of the three forms it is in. */
export function readHeader(headers: HeadersInit | undefined, name: string): string | null | undefined {
  if (!headers) return undefined
  if (Symbol.iterator in headers) return (headers instanceof Headers ? headers : new Headers(headers)).get(name)
  // no entries, no copies: this is asked of every request
  for (const key in headers) if (isSame(key, name)) return headers[key]
  return undefined
}

/** An iterator, as of `map.entries()`: it can be gone through once. */
export const isReadOnce = (headers: HeadersInit): boolean => 'next' in headers && Symbol.iterator in headers

/** In whichever of the three forms they are; what cannot be sent is left to `fetch`. */
export function copied(headers: HeadersInit): HeadersInit {
  if (headers instanceof Headers) return new Headers(headers)
  if (!(Symbol.iterator in headers)) return { ...headers }
  return Array.from(headers, (pair): [string, string] => (Array.isArray(pair) ? [...pair] : pair))
}

/** The same headers, with the authorization's own instead of any of the same name. */
export function withHeaders(own: HeadersInit | undefined, added: Authorization['headers']): HeadersInit {
  if (own && Symbol.iterator in own) {
    const copy = new Headers(own)
    for (const [name, value] of added) copy.set(name, value)
    return copy
  }
  let merged: Record<string, string> = own ?? {}
  for (const [name, value] of added) {
    // one of the same name stands there only where it is ours already (A3), or without a value
    const hasOne = own !== undefined && Object.keys(merged).some((key) => isSame(key, name))
    // named first, for speed: see `initWith` in fetch.ts
    merged = { [name]: value, ...(hasOne ? without(merged, name) : merged) }
  }
  return merged
}

const without = (headers: Record<string, string>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => !isSame(key, name)))

const isSame = (key: string, name: string): boolean => key.length === name.length && key.toLowerCase() === name
