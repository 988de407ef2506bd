import type { RequestCookie } from './cookie'

/** What browsers keep of one cookie is 4096 bytes, with its name and attributes; v4 counts on 163 for these, v5 on 160. */
const chunkLength = 4096 - 163

/** Nobody's session is this long, so nobody has to decrypt it. */
const longest = 131_072

/** The values that the cookies of this name may hold: of the cookie itself, and of its chunks `name.0`, `name.1` … up to the first gap. */
export function joinChunks(name: string, sent: readonly RequestCookie[]): string[] {
  const values = new Map(sent.map((cookie) => [cookie.name, cookie.value]))
  let chunked = ''
  for (let index = 0; values.get(`${name}.${index}`); index += 1) chunked += values.get(`${name}.${index}`)
  return [values.get(name) ?? '', chunked].filter((value) => value !== '' && value.length <= longest)
}

/** The value in as many cookies as it needs, named as next-auth names them. */
export function chunksOf(name: string, value: string): RequestCookie[] {
  if (value.length <= chunkLength) return [{ name, value }]
  return Array.from({ length: Math.ceil(value.length / chunkLength) }, (_, index) => ({
    name: `${name}.${index}`,
    value: value.slice(index * chunkLength, (index + 1) * chunkLength),
  }))
}
