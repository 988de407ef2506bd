import type { TokenStorage } from '../../core/token-storage'
import { assertEqual } from '../assert-equal'
import { assertThat } from '../assert-that'
import { within } from '../within'
import type { StorageCase } from './storage-place'
import { hasTokens, sample } from './token-samples'

function subscribe(storage: TokenStorage, onChange: (...told: unknown[]) => void): () => void {
  assertThat(storage.subscribe, "the storage has `subscribe`, or is said to lack it (`lacks: ['subscribe']`)")
  return storage.subscribe(onChange)
}

/** Resolves at a change notice that comes after `act`, once `seen` holds. */
async function noticed(storage: TokenStorage, act: () => unknown, seen: (found: unknown) => boolean): Promise<void> {
  let unsubscribe = (): void => {}
  const notice = new Promise<void>((resolve, reject) => {
    unsubscribe = subscribe(storage, () => {
      Promise.resolve(storage.read()).then((found) => seen(found) && resolve(), reject)
    })
  })
  try {
    await act()
    await within(notice, 'the other holder is told, and then reads the change')
  } finally {
    unsubscribe()
  }
}

/** Change notices: who shares the session hears of its changes. */
export const noticingCases: readonly StorageCase[] = [
  {
    name: 'H4: a sign-in reaches the other holder',
    needs: ['subscribe'],
    run: ({ storage, other }) =>
      noticed(
        other,
        () => storage.write(sample(1)),
        (found) => JSON.stringify(found ?? null).includes('session-1'),
      ),
  },
  {
    name: 'H4: a sign-out reaches the other holder',
    needs: ['subscribe'],
    async run({ storage, other }) {
      await storage.write(sample(1))
      await noticed(
        other,
        () => storage.write(undefined),
        (found) => !hasTokens(found),
      )
    },
  },
  {
    name: 'H4: what `replace` wrote reaches the other holder',
    needs: ['subscribe', 'replace', 'sharedTokens'],
    async run({ storage, other }) {
      await storage.write(sample(1))
      await noticed(
        other,
        () => storage.replace?.(sample(1), sample(2)),
        (found) => JSON.stringify(found ?? null).includes('access-2'),
      )
    },
  },
  {
    name: 'X3: a change notice says only “look again”',
    needs: ['subscribe'],
    async run({ storage, other }) {
      let unsubscribe = (): void => {}
      const told = new Promise<unknown[]>((resolve) => {
        unsubscribe = subscribe(other, (...what) => resolve(what))
      })
      await storage.write(sample(1))
      assertEqual(await within(told, 'the other holder is told'), [], 'nothing is handed to the listener')
      unsubscribe()
    },
  },
  {
    name: 'who has unsubscribed is told nothing any more',
    needs: ['subscribe'],
    async run({ storage, other }) {
      let told = 0
      const unsubscribe = subscribe(other, () => {
        told += 1
      })
      unsubscribe()
      await noticed(
        other,
        () => storage.write(sample(1)),
        () => true,
      )
      assertEqual(told, 0, 'no notice comes after unsubscribing')
    },
  },
]
