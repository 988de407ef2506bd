import { afterEach, expect, it, vi } from 'vitest'
import type { TokenSet } from '../../src/core/token-set'
import type { TokenStorage } from '../../src/core/token-storage'
import { decode, encode } from '../../src/storages/envelope'
import { memoryStorage } from '../../src/storages/memory-storage'
import { type StorageFeature, type StoragePlace, tokenStorageContract } from '../../src/testing'

/** A storage of strings in a place of its own, right in all it does. */
function place(): StoragePlace & { readonly storage: Required<Omit<TokenStorage, 'pageOnly'>> } {
  let text: string | undefined
  let broken = false
  const inner = memoryStorage()
  const access = <T>(task: () => T): T => {
    if (broken) throw new Error('the place is gone')
    return task()
  }
  const write = (tokens: TokenSet | undefined): void =>
    access(() => {
      text = tokens && encode(tokens)
      inner.write(undefined)
    })
  return {
    storage: {
      read: () => access(() => decode(text)),
      write,
      async replace(expected, next) {
        const found = access(() => decode(text)) as TokenSet | undefined
        if (found?.accessToken !== expected.accessToken || found.refreshToken !== expected.refreshToken) return false
        write(next)
        return true
      },
      lock: inner.lock ?? expect.fail(),
      subscribe: inner.subscribe ?? expect.fail(),
    },
    corrupt: (content) => {
      text = content
    },
    fail() {
      broken = true
      return () => {
        broken = false
      }
    },
  }
}

/** The cases that fail. What they wait for in vain costs no real time. */
async function broken(change: (right: ReturnType<typeof place>) => StoragePlace): Promise<string[]> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const failed: string[] = []
  for (const { name, run } of tokenStorageContract('it', () => change(place()))) {
    const done = run().catch(() => failed.push(name))
    await vi.advanceTimersByTimeAsync(10_000)
    await done
  }
  return failed
}
const withStorage = (change: (right: ReturnType<typeof place>['storage']) => Partial<TokenStorage>) =>
  broken((right) => ({ ...right, storage: { ...right.storage, ...change(right.storage) } }))

afterEach(() => {
  vi.useRealTimers()
})

it('passes a storage that is right', async () => {
  expect(await broken((right) => right)).toEqual([])
})

it('leaves out what a storage is said to lack, and nothing else', () => {
  const names = (lacks: readonly StorageFeature[]) =>
    tokenStorageContract('it', place, { lacks }).map(({ name }) => name)
  const left = names(['lock', 'corrupt'])
  const out = names([]).filter((name) => !left.includes(name))
  expect(out.filter((name) => !/lock|wait|signal|unavailableUntil|reads as signed out|__proto__/.test(name))).toEqual(
    [],
  )
  expect(left.filter((name) => /lock|reads as signed out/.test(name))).toEqual([])
})

it('says so where a member is missing that the storage is not said to lack', async () => {
  const failed = await broken(({ storage: { lock: _, ...storage } }) => ({ storage }))
  expect(failed).toContain('H1: it: a lock that is held is not given to the other holder')
})

it('finds a storage that forgets what the app keeps beside the tokens', async () => {
  const failed = await withStorage(({ write }) => ({
    write: (tokens) =>
      write(
        tokens && {
          accessToken: tokens.accessToken,
          ...(tokens.refreshToken && { refreshToken: tokens.refreshToken }),
        },
      ),
  }))
  expect(failed).toContain('F4: it: gives back what was written, with what the app keeps beside the tokens')
})

it('finds a replace that does not compare, compares too late, or compares too little', async () => {
  const blind = await withStorage(({ write }) => ({
    replace(_, next) {
      write(next)
      return true
    },
  }))
  expect(blind).toEqual(
    expect.arrayContaining(['H1: it: leaves other tokens alone', 'H1: it: does not bring an ended session back']),
  )
  const racing = await withStorage(({ write, read }) => ({
    async replace(expected, next) {
      const found = (await read()) as TokenSet | undefined
      if (found?.accessToken !== expected.accessToken || found.refreshToken !== expected.refreshToken) return false
      await Promise.resolve()
      await write(next)
      return true
    },
  }))
  expect(racing).toContain('H1: it: of replaces at the same time exactly one wins')
  const half = await withStorage(({ replace, read }) => ({
    async replace(expected, next) {
      const found = (await read()) as TokenSet | undefined
      return found?.accessToken === expected.accessToken ? replace(found, next) : false
    },
  }))
  expect(half).toContain('H1: it: leaves other tokens alone')
})

it('finds a lock that is none, ignores its signal, or leaks', async () => {
  const none = await withStorage(() => ({ lock: async () => ({ release() {} }) }))
  expect(none).toEqual(
    expect.arrayContaining([
      'H1: it: the lock is held by one at a time, and by each in turn',
      'H1: it: a lock that is held is not given to the other holder',
      'Q2: it: a signal that has fired already gets no lock',
      'H3: it: the next holder sees `unavailableUntil`, and a plain release forgets it',
    ]),
  )
  const oneName = await withStorage(({ lock }) => ({ lock: (signal) => lock(signal) }))
  expect(oneName).toEqual(['H3: it: the fallback lock is another lock'])
})

it('finds change notices that are not given, or tell too much', async () => {
  const silent = await withStorage(() => ({ subscribe: () => () => {} }))
  expect(silent.filter((name) => name.startsWith('H4'))).toHaveLength(3)
  const talking = await withStorage(({ subscribe }) => ({
    subscribe: (onChange) => subscribe(() => (onChange as (what: unknown) => void)('tokens')),
  }))
  expect(talking).toEqual(['X3: it: a change notice says only “look again”'])
})

it('finds a storage that trusts what is stored', async () => {
  let text = ''
  const failed = await broken((right) => ({
    ...right,
    corrupt: (content) => {
      text = content
      return right.corrupt?.(content)
    },
    storage: { ...right.storage, read: () => (text === '' ? right.storage.read() : JSON.parse(text)) },
  }))
  expect(failed.length).toBeGreaterThan(10)
})

it('finds a storage that fails in silence', async () => {
  const failed = await withStorage(({ read }) => ({
    read: () => {
      try {
        return read()
      } catch {
        return undefined
      }
    },
  }))
  expect(failed).toEqual(['F4: it: a place that fails is reported by each call, and works again once it is mended'])
})
