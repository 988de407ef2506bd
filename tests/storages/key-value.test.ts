import { describe, expect, it, vi } from 'vitest'
import { type KeyValueStore, keyValueStorage } from '../../src/storages/key-value'
import { memoryStorage } from '../../src/storages/memory-storage'
import { tokenStorageContract } from '../../src/testing'

/** A store whose calls take a turn, as native ones do. */
function asyncStore(): KeyValueStore & { readonly texts: Map<string, string>; broken: boolean } {
  const texts = new Map<string, string>()
  const access = async <T>(task: () => T): Promise<T> => {
    await Promise.resolve()
    if (store.broken) throw new Error('the keychain is locked')
    return task()
  }
  const store = {
    texts,
    broken: false,
    get: (key: string) => access(() => texts.get(key) ?? null),
    set: (key: string, value: string) => access(() => texts.set(key, value)),
    delete: (key: string) => access(() => texts.delete(key)),
  }
  return store
}

const contract = tokenStorageContract('keyValueStorage', () => {
  const store = asyncStore()
  return {
    storage: keyValueStorage(store, { key: 'tokens' }),
    corrupt: (text) => void store.texts.set('tokens', text),
    fail() {
      store.broken = true
      return () => {
        store.broken = false
      }
    },
  }
})
for (const { name, run } of contract) it(name, run)

describe('keyValueStorage', () => {
  it.each([
    ['no key', () => keyValueStorage(new Map<string, string>(), { key: '' })],
    ['a store of another shape', () => keyValueStorage({ getItem() {}, setItem() {} } as never, { key: 'tokens' })],
  ])('refuses %s', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
  })

  it('takes a Map', async () => {
    const map = new Map<string, string>()
    const storage = keyValueStorage(map, { key: 'tokens' })
    await storage.write({ accessToken: 'a' })
    expect([...map.keys()]).toEqual(['tokens'])
    await expect(storage.read()).resolves.toEqual({ accessToken: 'a' })
    await storage.write(undefined)
    expect(map.size).toBe(0)
  })

  it.each([undefined, null, 1, {}, { tokens: 'x' }, Symbol('x')])('X3: reads %o as nothing', async (value) => {
    const storage = keyValueStorage({ ...asyncStore(), get: () => value }, { key: 'tokens' })
    await expect(storage.read()).resolves.toBeUndefined()
  })

  it('H1: uses the lock it is given; without one, its own ends at this object', async () => {
    const { lock = expect.fail() } = memoryStorage()
    const shared = keyValueStorage(asyncStore(), { key: 'tokens', lock })
    expect(shared.lock).toBe(lock)
    expect(shared.pageOnly).toBeUndefined()
    expect(keyValueStorage(asyncStore(), { key: 'tokens' }).pageOnly).toBe(true)
  })

  it('H4: passes on the notices of others, and stops when told', () => {
    const listeners = new Set<(what?: unknown) => void>()
    const storage = keyValueStorage(asyncStore(), {
      key: 'tokens',
      subscribe(onChange) {
        listeners.add(onChange)
        return () => listeners.delete(onChange)
      },
    })
    const onChange = vi.fn()
    const unsubscribe = storage.subscribe?.(onChange)
    for (const listener of listeners) listener({ tokens: { newValue: 'secret' } })
    expect(onChange.mock.calls).toEqual([[]])
    unsubscribe?.()
    expect(listeners.size).toBe(0)
  })
})
