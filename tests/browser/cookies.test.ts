import { afterEach, describe, expect, it, vi } from 'vitest'
import { cookieStorage } from '../../src/storages/cookies'
import { type StoragePlace, tokenStorageContract } from '../../src/testing'

const encoded = (text: string): string => btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
const names = (): string[] =>
  document.cookie
    .split('; ')
    .filter(Boolean)
    .map((cookie) => cookie.split('=')[0] ?? '')
function setCookie(cookie: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: as a script of another library does it
  document.cookie = cookie
}
const deleteCookies = (): void => {
  for (const name of names()) setCookie(`${name}=; path=/; max-age=0`)
}
const newName = (): string => `session-${crypto.randomUUID()}`
const big = { accessToken: 'a', refreshToken: 'r', idToken: 'x'.repeat(7_000) }

function place(): StoragePlace {
  const name = newName()
  return {
    storage: cookieStorage({ name, maxBytes: 65_536 }),
    other: cookieStorage({ name, maxBytes: 65_536 }),
    corrupt(text) {
      setCookie(`${name}=${encoded(text.replace(/[^\0-\xff]/g, '?'))}; path=/`)
    },
    dispose: deleteCookies,
  }
}

afterEach(deleteCookies)

describe.each([
  ['the Cookie Store API', () => {}],
  ['document.cookie', () => vi.stubGlobal('cookieStore', undefined)],
])('by %s', (way, prepare) => {
  const make = (): StoragePlace => {
    prepare()
    return place()
  }
  for (const { name, run } of tokenStorageContract(`cookieStorage (${way})`, make, { lacks: ['fail'] })) it(name, run)

  it('X3: from three chunks to one nothing is left over', async () => {
    prepare()
    const name = newName()
    const storage = cookieStorage({ name })
    await storage.write(big)
    expect(names()).toHaveLength(3)
    await storage.write({ accessToken: 'b' })
    expect(names()).toEqual([name])
    await storage.write(big)
    await storage.write(undefined)
    expect(names()).toEqual([])
  })

  it('F4: a cookie that the browser does not keep is reported', async () => {
    prepare()
    const storage = cookieStorage({ name: newName(), domain: 'example.com' })
    await expect(storage.write({ accessToken: 'a' })).rejects.toThrow()
    expect(await storage.read()).toBeUndefined()
  })

  it('S4: a sign-out is begun at once, for the page that goes away', async () => {
    prepare()
    const storage = cookieStorage({ name: newName() })
    await storage.write({ accessToken: 'a' })
    const away = storage.write(undefined)
    const set = way === 'document.cookie' ? names() : await window.cookieStore.getAll()
    expect(set).toEqual([])
    await away
  })

  it('H1: of five who read, compare and write at once one wins', async () => {
    prepare()
    const name = newName()
    const all = Array.from({ length: 5 }, () => cookieStorage({ name }))
    const expected = { accessToken: 'a', refreshToken: 'r' }
    await all[0]?.write(expected)
    const won = await Promise.all(all.map((storage, n) => storage.replace?.(expected, { accessToken: `b${n}` })))
    expect(won.filter(Boolean)).toHaveLength(1)
    expect(await all[0]?.read()).toEqual({ accessToken: `b${won.indexOf(true)}` })
  })
})

it('H4: notices a cookie that something else changed', async () => {
  const name = newName()
  const storage = cookieStorage({ name })
  const told = new Promise<void>((resolve) => storage.subscribe?.(resolve))
  setCookie(`${name}=x; path=/`)
  await told
})
