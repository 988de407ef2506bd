import type { TokenSet } from '../core/token-set'
import { StorageError } from '../errors/storage-error'

const version = 1

/** A token set is a few KB. What is longer was not written by us, and is not worth the time to parse it. */
const maxLength = 1_048_576

/**
 * The text that storages of strings keep: the token set in an envelope that says which version of it this is.
 * @throws StorageError `AUTH_STORAGE` for more than 1 MB: it would be read as nothing, and that is a sign-out
 */
export function encode(tokens: TokenSet): string {
  const text = JSON.stringify({ v: version, tokens })
  if (text.length > maxLength) throw new StorageError('The token set takes more than 1 MB, and was not stored.')
  return text
}

/**
 * What `encode` put into the envelope, unparsed: the session parses it. `undefined` for everything else: nothing stored, half-written,
 * another version, more than 1 MB, not ours. Never throws, and no `__proto__` comes out of it.
 */
export function decode(text: unknown): unknown {
  if (typeof text !== 'string' || text.length > maxLength) return undefined
  try {
    const envelope: unknown = JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value))
    return isRecord(envelope) && envelope['v'] === version ? envelope['tokens'] : undefined
  } catch {
    return undefined
  }
}

/** Are access token and refresh token of `expected` what the text holds? What a `replace` asks. */
export function holds(text: unknown, { accessToken, refreshToken }: TokenSet): boolean {
  const found = decode(text)
  return isRecord(found) && found['accessToken'] === accessToken && found['refreshToken'] === refreshToken
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
