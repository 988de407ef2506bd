import { expect, it } from 'vitest'
import { memoryStorage } from '../../src/storages/memory-storage'
import { tokenStorageContract } from '../../src/testing/storage-contract'

const contract = tokenStorageContract('memoryStorage', () => ({ storage: memoryStorage() }), {
  lacks: ['corrupt', 'fail'],
})
for (const { name, run } of contract) it(name, run)

it('holds what it is given at the start', () => {
  expect(memoryStorage({ accessToken: 'a' }).read()).toEqual({ accessToken: 'a' })
})

it('S6: says that its lock ends at this page', () => {
  expect(memoryStorage().pageOnly).toBe(true)
})

it('H1: shares nothing with another one', async () => {
  const [one, two] = [memoryStorage(), memoryStorage()]
  await one.write({ accessToken: 'a' })
  await one.lock?.(new AbortController().signal)
  expect(two.read()).toBeUndefined()
  await expect(two.lock?.(new AbortController().signal)).resolves.toBeDefined()
})

it('H1: hands the lock on in the order they came', async () => {
  const storage = memoryStorage()
  const order: number[] = []
  const take = async (n: number): Promise<void> => {
    const held = await storage.lock?.(new AbortController().signal)
    order.push(n)
    await held?.release()
  }
  await Promise.all([1, 2, 3, 4, 5].map(take))
  expect(order).toEqual([1, 2, 3, 4, 5])
})
