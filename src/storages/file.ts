import { resolve } from 'node:path'
import type { TokenStorage } from '../core/token-storage'
import { ConfigurationError } from '../errors/configuration-error'
import { StorageError } from '../errors/storage-error'
import { fileLock } from '../sharing/file-lock'
import { privateFile } from '../sharing/private-file'
import { decode, encode, holds } from './envelope'

export interface FileStorageOptions {
  /** The file; relative to the working directory of this call. Its lock is kept in a directory beside it, `path.lock`. */
  readonly path: string
}

/** A write takes milliseconds: a process that is in one for so long (ms) is stopped. */
const patienceMs = 5_000

/**
 * Keeps the token set in a file that only its owner can read: for scripts and command-line tools of one user on one machine. All
 * processes that name the same file share the session, its lock and its changes. Directories that are missing are made.
 *
 * Its calls reject with a `StorageError` (`AUTH_STORAGE`) when others can read the tokens or write the directory (a sticky one as /tmp
 * they may).
 * @throws ConfigurationError `AUTH_CONFIGURATION` without a `path`
 */
export function fileStorage({ path }: FileStorageOptions): TokenStorage {
  if (typeof path !== 'string' || path === '')
    throw new ConfigurationError('fileStorage: path takes the name of a file.')
  const absolute = resolve(path)
  const file = privateFile(absolute)
  const locks = `${absolute}.lock`
  const refresh = fileLock(locks, 'refresh')
  const fallback = fileLock(locks, 'fallback')
  const writing = fileLock(locks, 'write')

  /** One process after the other, so that nobody writes between a `replace`'s look and its write. */
  async function exclusively<T>(task: () => Promise<T>): Promise<T> {
    const turn = await writing(AbortSignal.timeout(patienceMs))
    try {
      return await task()
    } finally {
      await turn.release()
    }
  }
  /** Tokens have to be private. What is none reads as nothing, whoever can read it. */
  async function text(): Promise<string | undefined> {
    const found = await file.read()
    if (decode(found) !== undefined) await file.check()
    return found
  }
  return {
    read: async () => decode(await text()),
    write: (tokens) => exclusively(() => file.put(tokens && encode(tokens))),
    replace: (expected, next) =>
      exclusively(async () => {
        if (!holds(await text(), expected)) return false
        await file.put(next && encode(next))
        return true
      }),
    async lock(signal, name) {
      try {
        return await (name === 'fallback' ? fallback : refresh)(signal)
      } catch (error) {
        if (signal.aborted) throw error
        // F3: whoever refreshed without it would spend a refresh token that others have
        throw new StorageError(`The lock of the token file cannot be made in ${locks}.`, { cause: error })
      }
    },
    subscribe: file.watch,
  }
}
