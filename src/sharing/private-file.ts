import { mkdirSync, watch } from 'node:fs'
import { lstat, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { StorageError } from '../errors/storage-error'
import { hasCode } from './has-code'

/** A file that only its owner can read and write, and that is written whole or not at all. */
export interface PrivateFile {
  /** `undefined` without one, and for more than 3 MB. */
  read(): Promise<string | undefined>
  /** @throws StorageError `AUTH_STORAGE` when others can read the file, or could have put it there */
  check(): Promise<void>
  /**
   * One caller at a time. Makes the directory too, for its owner alone; `undefined` removes the file. After it, a crash of the machine
   * loses nothing.
   * @throws StorageError `AUTH_STORAGE` when others can write the directory
   */
  put(text: string | undefined): Promise<void>
  /** Calls back after every `put` by anyone. Keeps no process alive. */
  watch(onChange: () => void): () => void
}

/** A character takes up to three. */
const maxBytes = 3 * 1_048_576
const ofDirectory = { recursive: true, mode: 0o700 } as const
/** Windows has no such modes, and cannot sync a directory. */
const isPosix = process.platform !== 'win32'

/** @param path absolute */
export function privateFile(path: string): PrivateFile {
  const directory = dirname(path)
  // always the same: what a crash leaves behind is cleared away by the next write
  const draft = `${path}.draft`

  /** Resolves with whether others can put files there: into a sticky one (/tmp) they can, but take no file of ours away. */
  async function checkDirectory(): Promise<boolean> {
    const { mode } = await stat(directory)
    const isOpen = isPosix && (mode & 0o022) !== 0
    if (isOpen && !(mode & 0o1000)) throw new StorageError(`others can write ${directory}: chmod 700 "${directory}"`)
    return isOpen
  }
  return {
    async read() {
      const found = await unlessMissing(stat(path))
      if (found === undefined) return undefined
      if (!found.isFile()) throw new StorageError(`${path} is not a file`)
      return found.size > maxBytes ? undefined : unlessMissing(readFile(path, 'utf8'))
    },
    async check() {
      const found = await unlessMissing(stat(path))
      // removed since it was read
      if (found === undefined) return
      if (isPosix && found.mode & 0o077) throw new StorageError(`others can read ${path}: chmod 600 "${path}"`)
      if ((await checkDirectory()) && !(await isOwn(path)))
        throw new StorageError(`others could have put ${path} there`)
    },
    async put(text) {
      await mkdir(directory, ofDirectory)
      await checkDirectory()
      await rm(draft, { force: true })
      if (text === undefined) {
        await rm(path, { force: true })
      } else {
        await writeWhole(draft, text)
        await rename(draft, path)
      }
      if (isPosix) await sync(directory)
    },
    watch(onChange) {
      mkdirSync(directory, ofDirectory)
      const watcher = watch(directory, { persistent: false }, (_, name) => {
        if (name === null || name === basename(path)) onChange()
      })
      // the directory is gone: reading says so
      watcher.on('error', onChange)
      return () => watcher.close()
    },
  }
}

/** A link is nobody's own: whoever made it could have chosen among the files of this user. */
async function isOwn(path: string): Promise<boolean> {
  const found = await unlessMissing(lstat(path))
  return found === undefined || (found.isFile() && found.uid === process.geteuid?.())
}

async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function sync(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  await handle.sync().finally(() => handle.close())
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
