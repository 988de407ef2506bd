import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fileStorage } from '../../src/storages/file'
import { tokenStorageContract } from '../../src/testing'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'file-storage-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

let places = 0
const newDirectory = (): string => {
  places += 1
  return join(root, `place-${places}`)
}
const signal = new AbortController().signal

const contract = tokenStorageContract('fileStorage', () => {
  const directory = newDirectory()
  const path = join(directory, 'tokens.json')
  const storage = fileStorage({ path })
  return {
    storage,
    other: fileStorage({ path }),
    async corrupt(text) {
      await storage.write({ accessToken: 'a' })
      await writeFile(path, text)
    },
    async fail() {
      await rename(directory, `${directory}.away`)
      await writeFile(directory, '')
      return async () => {
        await rm(directory)
        await rename(`${directory}.away`, directory)
      }
    },
  }
})
for (const { name, run } of contract) it(name, run)

describe('the file', () => {
  it('X2: is 0600, in a directory of 0700', async () => {
    const directory = join(newDirectory(), 'deep', 'down')
    const path = join(directory, 'tokens.json')
    await fileStorage({ path }).write({ accessToken: 'a' })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    expect((await stat(`${path}.lock`)).mode & 0o777).toBe(0o700)
  })

  it('X2: is written whole or not at all: a reader never finds half of it', async () => {
    const path = join(newDirectory(), 'tokens.json')
    const storage = fileStorage({ path })
    await storage.write({ accessToken: '0', idToken: 'x'.repeat(200_000) })
    let reading = true
    const written = (async () => {
      for (let n = 1; n <= 20; n += 1) await storage.write({ accessToken: String(n), idToken: 'x'.repeat(200_000) })
      reading = false
    })()
    let reads = 0
    while (reading) {
      expect(JSON.parse(await readFile(path, 'utf8')).tokens.idToken).toHaveLength(200_000)
      reads += 1
    }
    await written
    expect(reads).toBeGreaterThan(0)
  })

  it('X2: leaves no draft behind, and clears away what a crash left', async () => {
    const directory = newDirectory()
    const path = join(directory, 'tokens.json')
    const storage = fileStorage({ path })
    await storage.write({ accessToken: 'a' })
    await writeFile(`${path}.draft`, '{"v":1,"tok')
    await storage.write({ accessToken: 'b' })
    expect((await readdir(directory)).sort()).toEqual(['tokens.json', 'tokens.json.lock'])
    await writeFile(`${path}.draft`, '{"v":1,"tok')
    await storage.write(undefined)
    expect(await readdir(directory)).toEqual(['tokens.json.lock'])
  })

  it.each([0o640, 0o604, 0o660, 0o666])('X2: is refused when others can read or write it (%o)', async (mode) => {
    const path = join(newDirectory(), 'tokens.json')
    const storage = fileStorage({ path })
    await storage.write({ accessToken: 'a' })
    await chmod(path, mode)
    const refused = { code: 'AUTH_STORAGE', message: expect.stringContaining(`chmod 600 "${path}"`) }
    await expect(storage.read()).rejects.toMatchObject(refused)
    await expect(storage.replace?.({ accessToken: 'a' }, { accessToken: 'b' })).rejects.toMatchObject(refused)
    await chmod(path, 0o600)
    await expect(storage.read()).resolves.toEqual({ accessToken: 'a' })
  })

  it('X2: is refused when others can write its directory', async () => {
    const directory = newDirectory()
    const storage = fileStorage({ path: join(directory, 'tokens.json') })
    await storage.write({ accessToken: 'a' })
    await chmod(directory, 0o777)
    const refused = { code: 'AUTH_STORAGE', message: expect.stringContaining(`chmod 700 "${directory}"`) }
    await expect(storage.read()).rejects.toMatchObject(refused)
    await expect(storage.write({ accessToken: 'b' })).rejects.toMatchObject(refused)
  })

  it('X2: others may write a sticky directory as /tmp, where they take nothing of ours away', async () => {
    const directory = newDirectory()
    const path = join(directory, 'tokens.json')
    const storage = fileStorage({ path })
    await mkdir(directory)
    await chmod(directory, 0o1777)
    await storage.write({ accessToken: 'a' })
    expect(await storage.read()).toEqual({ accessToken: 'a' })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    // as if somebody else had put it there
    const geteuid = vi.spyOn(process, 'geteuid').mockReturnValue(-1)
    await expect(storage.read()).rejects.toMatchObject({ code: 'AUTH_STORAGE' })
    geteuid.mockRestore()
  })

  it('X2: a link in a sticky directory leads nobody to the tokens of another file', async () => {
    const [directory, elsewhere] = [newDirectory(), join(newDirectory(), 'tokens.json')]
    await fileStorage({ path: elsewhere }).write({ accessToken: 'of another app' })
    const path = join(directory, 'tokens.json')
    await mkdir(directory)
    await chmod(directory, 0o1777)
    await symlink(elsewhere, path)
    await expect(fileStorage({ path }).read()).rejects.toMatchObject({ code: 'AUTH_STORAGE' })
  })

  it.each(['', '{"v":1,"tok', '{"accessToken":"a"}'])(
    'X3: what is no token set reads as nothing, also where others can read it (%s)',
    async (text) => {
      const directory = newDirectory()
      const path = join(directory, 'tokens.json')
      await mkdir(directory)
      await writeFile(path, text, { mode: 0o644 })
      const storage = fileStorage({ path })
      expect(await storage.read()).toBeUndefined()
      await storage.write({ accessToken: 'a' })
      expect((await stat(path)).mode & 0o777).toBe(0o600)
    },
  )

  it('has to be named', () => {
    for (const path of ['', 5 as never])
      expect(() => fileStorage({ path })).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
  })

  it('can be named by a relative path, which stays where it was when the storage was made', async () => {
    const path = join(newDirectory(), 'tokens.json')
    const storage = fileStorage({ path: relative(process.cwd(), path) })
    await storage.write({ accessToken: 'a' })
    await expect(fileStorage({ path }).read()).resolves.toEqual({ accessToken: 'a' })
  })

  it('X3: is not read when it is no file', async () => {
    const path = newDirectory()
    await fileStorage({ path: join(path, 'tokens.json') }).write({ accessToken: 'a' })
    await expect(fileStorage({ path }).read()).rejects.toMatchObject({ code: 'AUTH_STORAGE' })
  })
})

describe('the lock', () => {
  const claimed = async (claim: unknown): Promise<ReturnType<typeof fileStorage>> => {
    const path = join(newDirectory(), 'tokens.json')
    const storage = fileStorage({ path })
    await (await storage.lock?.(signal))?.release()
    const [newest = ''] = await readdir(`${path}.lock`)
    await writeFile(join(`${path}.lock`, newest), typeof claim === 'string' ? claim : JSON.stringify(claim))
    return storage
  }
  const own = { pid: process.pid, host: hostname(), at: Date.now() }
  const isGiven = (storage: ReturnType<typeof fileStorage>): Promise<boolean | undefined> =>
    storage.lock?.(AbortSignal.timeout(300)).then(
      () => true,
      () => false,
    ) ?? Promise.resolve(undefined)

  it('H3: is held by a process that lives', async () => {
    expect(await isGiven(await claimed(own))).toBe(false)
    expect(await isGiven(await claimed({ ...own, pid: process.ppid }))).toBe(false)
  })

  it.each([
    ['by a process that is gone', { ...own, pid: 2 ** 22 + 1 }],
    ['before this process had its id', { ...own, at: performance.timeOrigin - 1_000 }],
    ['more than five minutes ago', { ...own, pid: process.ppid, at: Date.now() - 300_001 }],
    ['before the machine was started', { ...own, pid: process.ppid, at: 0 }],
    ['in a text that is no claim', '{"pid":'],
    ['in a text of another shape', '[null]'],
    ['in nothing', ''],
  ])('H3: is not held where it was claimed %s', async (_, claim) => {
    expect(await isGiven(await claimed(claim))).toBe(true)
  })

  it('H3: of another machine counts for five minutes, as nobody can tell whether its process lives', async () => {
    expect(await isGiven(await claimed({ ...own, host: 'elsewhere', pid: 2 ** 22 + 1 }))).toBe(false)
    expect(await isGiven(await claimed({ ...own, host: 'elsewhere', at: Date.now() - 300_001 }))).toBe(true)
  })

  it('F3: is out of reach, and nothing is refreshed, where its place is no directory', async () => {
    const path = join(newDirectory(), 'tokens.json')
    const storage = fileStorage({ path })
    await storage.write({ accessToken: 'a' })
    await rm(`${path}.lock`, { recursive: true })
    await writeFile(`${path}.lock`, '')
    await expect(storage.lock?.(signal)).rejects.toMatchObject({ code: 'AUTH_STORAGE', cause: { code: 'EEXIST' } })
  })

  it('keeps one file for each name', async () => {
    const path = join(newDirectory(), 'tokens.json')
    const storage = fileStorage({ path })
    for (let n = 0; n < 5; n += 1) await (await storage.lock?.(signal))?.release()
    await storage.write({ accessToken: 'a' })
    await storage.write({ accessToken: 'b' })
    expect((await readdir(`${path}.lock`)).sort()).toEqual(['refresh.5', 'write.2'])
  })
})
