import { afterEach, describe, expect, it, vi } from 'vitest'
import type { TokenStorage } from '../../src/core/token-storage'
import { tabStorage, webLock, webStorage } from '../../src/storages/web-storage'
import { type StoragePlace, tokenStorageContract } from '../../src/testing'

const newKey = (): string => `key-${crypto.randomUUID()}`

const place = (make: (key: string) => TokenStorage, area: Storage) => (): StoragePlace => {
  const key = newKey()
  return {
    storage: make(key),
    other: make(key),
    corrupt: (text) => area.setItem(key, text),
    fail() {
      const gone = () => {
        throw new DOMException('The operation is insecure.', 'SecurityError')
      }
      const mocks = (['getItem', 'setItem', 'removeItem'] as const).map((method) =>
        vi.spyOn(Storage.prototype, method).mockImplementation(gone),
      )
      return () => {
        for (const mock of mocks) mock.mockRestore()
      }
    },
  }
}
const local = place((key) => webStorage({ area: 'local', key }), localStorage)
const session = place((key) => webStorage({ area: 'session', key }), sessionStorage)
const tab = place((key) => tabStorage({ key }), localStorage)

afterEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

for (const { name, run } of tokenStorageContract('webStorage (local)', local)) it(name, run)
for (const { name, run } of tokenStorageContract('webStorage (session)', session)) it(name, run)
for (const { name, run } of tokenStorageContract('tabStorage', tab, { lacks: ['sharedTokens', 'fail'] })) it(name, run)

describe('without Web Locks and BroadcastChannel', () => {
  // one page, so the lock within it is all there is; notices come by the storage event, which reaches other tabs alone
  const lacks = ['subscribe'] as const
  const without =
    (make: () => StoragePlace): (() => StoragePlace) =>
    () => {
      vi.stubGlobal('BroadcastChannel', undefined)
      vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as never)
      const { other: _, ...one } = make()
      return one
    }
  for (const { name, run } of tokenStorageContract('webStorage (local)', without(local), { lacks })) it(name, run)
  for (const { name, run } of tokenStorageContract('tabStorage', without(tab), {
    lacks: [...lacks, 'sharedTokens', 'fail'],
  }))
    it(name, run)
})

describe('webLock', () => {
  const signal = new AbortController().signal

  it('H1: one name is one lock, another name another', async () => {
    const [one, same, another] = [webLock('one'), webLock('one'), webLock('another')]
    const held = await one(signal)
    await (await another(signal)).release()
    const waiting = same(signal)
    await expect(Promise.race([waiting, navigator.locks.query().then(() => 'waits')])).resolves.toBe('waits')
    await held.release()
    await (await waiting).release()
  })

  it('H3: hands `unavailableUntil` on where localStorage fails, too', async () => {
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    })
    const held = await webLock('insecure')(signal)
    await held.release(1)
    const next = await webLock('insecure')(signal)
    expect(next.unavailableUntil).toBe(1)
    await next.release()
  })
})

describe('tabStorage', () => {
  it('S6: reads its own tokens only while the marker names their session', async () => {
    const key = newKey()
    const [one, two] = [tabStorage({ key }), tabStorage({ key })]
    expect(one.read()).toBeUndefined()
    await one.write({ accessToken: 'a', sessionId: 's1' })
    expect(one.read()).toEqual({ accessToken: 'a', sessionId: 's1' })
    expect(two.read()).toEqual({ sessionId: 's1' })
    await two.write({ accessToken: 'b', sessionId: 's1' })
    expect(one.read()).toEqual({ accessToken: 'a', sessionId: 's1' })
    await two.write({ accessToken: 'c', sessionId: 's2' })
    expect(one.read()).toEqual({ sessionId: 's2' })
    await two.write(undefined)
    expect([one.read(), two.read()]).toEqual([{ ended: true }, { ended: true }])
  })

  it('X3: no token leaves the memory', async () => {
    const key = newKey()
    const heard: unknown[] = []
    const channel = new BroadcastChannel(`tokenflight:${key}`)
    const told = new Promise((resolve) => {
      channel.onmessage = ({ data }) => resolve(heard.push(data))
    })
    await tabStorage({ key }).write({ accessToken: 'secret-a', refreshToken: 'secret-r', sessionId: 's1' })
    await told
    channel.close()
    expect(JSON.stringify([heard, { ...localStorage }, { ...sessionStorage }])).not.toContain('secret')
  })
})

describe('webStorage', () => {
  it('X3: no token goes over the channel', async () => {
    const key = newKey()
    const channel = new BroadcastChannel(`tokenflight:${key}`)
    const told = new Promise((resolve) => {
      channel.onmessage = ({ data }) => resolve(data)
    })
    await webStorage({ area: 'local', key }).write({ accessToken: 'secret-a' })
    expect(JSON.stringify(await told)).not.toContain('secret')
    channel.close()
  })

  it('X3: nothing of the tokens is kept in localStorage for sessionStorage', async () => {
    await webStorage({ area: 'session', key: newKey() }).write({ accessToken: 'secret-a', sessionId: 's1' })
    expect(JSON.stringify({ ...localStorage })).not.toContain('secret')
  })

  it('waits for nothing that is not to come: who clears localStorage goes on at once', async () => {
    const storage = webStorage({ area: 'local', key: newKey() })
    await storage.write({ accessToken: 'a' })
    localStorage.clear()
    const before = performance.now()
    await storage.write({ accessToken: 'b' })
    expect(performance.now() - before).toBeLessThan(1_500)
    expect(storage.read()).toEqual({ accessToken: 'b' })
  })

  it('F4: a full localStorage is reported', async () => {
    const storage = webStorage({ area: 'local', key: newKey() })
    const filler = newKey()
    localStorage.setItem(filler, 'x'.repeat(5_000_000))
    await expect(storage.write({ accessToken: 'x'.repeat(900_000) })).rejects.toThrow(/quota/i)
    localStorage.removeItem(filler)
    await storage.write({ accessToken: 'a' })
    expect(storage.read()).toEqual({ accessToken: 'a' })
  })

  it('S4: a sign-out is written at once, for the page that goes away', () => {
    const key = newKey()
    const storage = webStorage({ area: 'local', key })
    void storage.write({ accessToken: 'a' })
    expect(localStorage.getItem(key)).toContain('"a"')
    void storage.write(undefined)
    expect(localStorage.getItem(key)).toBeNull()
  })
})
