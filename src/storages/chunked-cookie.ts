import { ConfigurationError } from '../errors/configuration-error'
import { StorageError } from '../errors/storage-error'
import type { CookieAttributes, CookieJar } from './cookie-jar'

/** What browsers keep of one cookie is 4096 bytes with its name and its attributes. */
const chunkBytes = 3_600

const readAttempts = 5

interface ChunkedCookieOptions {
  readonly jar: CookieJar
  readonly name: string
  readonly maxBytes: number
  /** Its attributes, but for when it ends. */
  readonly attributes: Omit<CookieAttributes, 'expires'>
}

/** One value in as many cookies as it needs. It takes only characters that no cookie has to escape, and no `~`. */
export interface ChunkedCookie {
  /**
   * `undefined` where there is none, or where parts of it are missing.
   * @throws StorageError `AUTH_STORAGE` when others write it all the while
   */
  read(): Promise<string | undefined>
  /**
   * Nothing of the value before is left over.
   * @throws ConfigurationError `AUTH_CONFIGURATION` when the value has more than `maxBytes`
   */
  write(value: string, expires: Date): Promise<void>
  /** The cookie is deleted before the call returns, its chunks after that. */
  clear(): Promise<void>
}

interface Head {
  readonly generation: Generation
  readonly chunks: number
  readonly start: string
}

/** A value's further chunks have other names than those of the value before, so writing one never damages the other. */
type Generation = 'a' | 'b'

/**
 * A value that does not fit into the cookie `name` begins there, after `~a3~` or `~b3~`, and goes on in the cookies `name.a1`, `name.a2`
 * (or `b`). `name` is written last: until then others read the value before, whole.
 */
export function chunkedCookie({ jar, name, maxBytes, attributes }: ChunkedCookieOptions): ChunkedCookie {
  const maxChunks = Math.ceil(maxBytes / chunkBytes)
  const chunkName = (generation: Generation, index: number): string => `${name}.${generation}${index}`
  const chunkNames = Array.from({ length: maxChunks - 1 }, (_, at) => [
    chunkName('a', at + 1),
    chunkName('b', at + 1),
  ]).flat()

  async function get(cookie: string): Promise<string | undefined> {
    const found = await jar.get(cookie)
    const value = typeof found === 'object' ? found?.value : found
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  async function chunksOf({ generation, chunks, start }: Head): Promise<string | undefined> {
    let value = start
    for (let index = 1; index < chunks; index += 1) {
      const chunk = await get(chunkName(generation, index))
      if (chunk === undefined) return undefined
      value += chunk
    }
    return value
  }
  const put = (cookie: string, value: string, expires: Date): unknown =>
    jar.set(cookie, value, { ...attributes, expires })
  const remove = (cookie: string): unknown => put(cookie, '', new Date(0))
  async function removeChunks(but: readonly string[]): Promise<void> {
    for (const chunk of chunkNames) {
      if (!but.includes(chunk) && (await get(chunk)) !== undefined) await remove(chunk)
    }
  }

  return {
    async read() {
      for (let attempt = 0; attempt < readAttempts; attempt += 1) {
        const first = await get(name)
        const head = parseHead(first, maxChunks)
        if (head === undefined) return first
        const value = await chunksOf(head)
        // Another tab may have written meanwhile, and taken away the chunks that were to be read.
        if ((await get(name)) === first) return value
      }
      throw new StorageError('cookieStorage: the cookies changed while they were read.')
    },
    async write(value, expires) {
      if (value.length > maxBytes) throw tooLong(value.length, maxBytes)
      const generation = parseHead(await get(name), maxChunks)?.generation === 'a' ? 'b' : 'a'
      const [start = '', ...rest] = split(value)
      const chunks = rest.map((_, at) => chunkName(generation, at + 1))
      for (const [at, chunk] of rest.entries()) await put(chunkName(generation, at + 1), chunk, expires)
      await put(name, rest.length === 0 ? start : `~${generation}${rest.length + 1}~${start}`, expires)
      await removeChunks(chunks)
    },
    async clear() {
      await remove(name)
      await removeChunks([])
    },
  }
}

function parseHead(value: string | undefined, maxChunks: number): Head | undefined {
  const [, generation, count, start] = /^~([ab])(\d{1,3})~(.*)$/s.exec(value ?? '') ?? []
  if (generation !== 'a' && generation !== 'b') return undefined
  const chunks = Number(count)
  return start === undefined || chunks > maxChunks ? undefined : { generation, chunks, start }
}

const split = (value: string): string[] =>
  Array.from({ length: Math.ceil(value.length / chunkBytes) }, (_, at) =>
    value.slice(at * chunkBytes, (at + 1) * chunkBytes),
  )

const tooLong = (bytes: number, maxBytes: number): ConfigurationError =>
  new ConfigurationError(
    `cookieStorage: the tokens take ${bytes} bytes as cookies, more than maxBytes (${maxBytes}), and servers refuse requests with such headers. Leave out the id token or claims, or keep the tokens on the server (tokenflight/redis).`,
  )
