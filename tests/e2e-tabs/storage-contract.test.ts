import { beforeAll, describe, expect, it } from 'vitest'
import { tokenStorageContract } from '../../src/testing'
import type { Kind } from './page'
import { corrupt, listen, remoteStorage } from './remote-storage'
import { startTabs, type Tab } from './tabs'

// the contract once more, its two holders in two tabs
const tabs = startTabs()

let places = 0
const newPlace = (): string => {
  places += 1
  return `place-${places}`
}

describe.each<[Kind, readonly 'sharedTokens'[]]>([
  ['local', []],
  ['tab', ['sharedTokens']],
])('two tabs (%s)', (kind, lacks) => {
  let first: Tab
  let second: Tab
  beforeAll(async () => {
    const world = await tabs({}, 'file')
    first = await world.open()
    second = await world.open()
    await Promise.all([listen(first.page), listen(second.page)])
  })
  const contract = tokenStorageContract(
    kind === 'tab' ? 'tabStorage' : 'webStorage',
    async () => {
      const place = newPlace()
      return {
        storage: await remoteStorage(first.page, kind, place),
        other: await remoteStorage(second.page, kind, place),
        corrupt: (text) => corrupt(first.page, place, text),
      }
    },
    { lacks: ['fail', ...lacks] },
  )
  for (const { name, run } of contract) it(name, run)

  if (kind === 'local')
    it('F3: under the lock each tab sees what the one before it wrote', async () => {
      const place = newPlace()
      const storages = await Promise.all([first, second].map(({ page }) => remoteStorage(page, kind, place)))
      await storages[0]?.write({ accessToken: '0' })
      const increments = 25
      await Promise.all(
        storages.map(async (storage) => {
          for (let n = 0; n < increments; n += 1) {
            const held = await storage.lock?.(new AbortController().signal)
            const found = (await storage.read()) as { accessToken: string }
            await storage.replace?.(found, { accessToken: String(Number(found.accessToken) + 1) })
            await held?.release()
          }
        }),
      )
      await expect.poll(() => storages[0]?.read()).toEqual({ accessToken: String(2 * increments) })
    })
})
