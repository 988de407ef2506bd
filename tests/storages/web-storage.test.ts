import { expect, it } from 'vitest'
import { tabStorage, webStorage } from '../../src/storages/web-storage'

// in Node: what a server sees. tests/browser has the contract, tests/e2e-tabs several tabs

const storages = [
  webStorage({ area: 'local', key: 'k' }),
  webStorage({ area: 'session', key: 'k' }),
  tabStorage({ key: 'k' }),
]

it('finds nothing on a server', () => {
  for (const storage of storages) expect(storage.read()).toBeUndefined()
})

it('says on a server that it cannot keep tokens, and clears without a word', async () => {
  for (const storage of storages) {
    await expect(storage.write({ accessToken: 'a' })).rejects.toThrow(/on a server/)
    await expect(storage.write(undefined)).resolves.toBeUndefined()
    expect(storage.read()).toBeUndefined()
  }
})

it('locks on a server within the process, and subscribes to nothing', async () => {
  for (const storage of storages) {
    const held = await storage.lock?.(new AbortController().signal)
    await held?.release(1)
    const next = await storage.lock?.(new AbortController().signal)
    await next?.release()
    storage.subscribe?.(() => expect.fail())()
  }
})

it.each([
  ['an area that does not exist', () => webStorage({ area: 'localStorage' as never, key: 'k' })],
  ['a webStorage without a key', () => webStorage({ area: 'local', key: '' })],
  ['a tabStorage without a key', () => tabStorage({ key: '' })],
])('refuses %s', (_, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
})
