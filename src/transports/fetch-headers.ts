import type { Authorization } from '../core/authorizer'

/** A header of an init, whichever of the three forms it is in. */
export function readHeader(headers: HeadersInit | undefined, name: string): string | null | undefined {
  if (!headers) return undefined
  if (headers instanceof Headers) return headers.get(name)
  for (const [key, value] of entriesOf(headers)) if (isSame(key, name)) return value
  return undefined
}

/** The same headers in the same form, with the authorization's own instead of any of the same name. */
export function withHeaders(own: HeadersInit | undefined, added: Authorization['headers']): HeadersInit {
  if (!own) return Object.fromEntries(added)
  if (own instanceof Headers) {
    const copy = new Headers(own)
    for (const [name, value] of added) copy.set(name, value)
    return copy
  }
  const kept = entriesOf(own).filter(([key]) => !added.some(([name]) => isSame(key, name)))
  const all: [string, string][] = [...kept, ...added.map(([name, value]): [string, string] => [name, value])]
  return Symbol.iterator in own ? all : Object.fromEntries(all)
}

const entriesOf = (headers: Exclude<HeadersInit, Headers>): [string, string][] =>
  Symbol.iterator in headers ? [...headers].map(([key = '', value = '']) => [key, value]) : Object.entries(headers)

const isSame = (key: string, name: string): boolean => key.length === name.length && key.toLowerCase() === name
