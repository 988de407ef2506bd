import { assertEqual } from '../assert-equal'
import { assertThat } from '../assert-that'
import type { StorageCase } from './storage-place'
import { hasTokens, sample } from './token-samples'

/** A token set goes in, and the same comes out. */
export const keepingCases: readonly StorageCase[] = [
  {
    name: 'is empty at the start',
    needs: [],
    async run({ storage }) {
      assertEqual((await storage.read()) ?? undefined, undefined, 'an empty place reads as undefined or null')
    },
  },
  {
    name: 'F4: gives back what was written, with what the app keeps beside the tokens',
    needs: [],
    async run({ storage }) {
      const tokens = {
        ...sample(1),
        tenant: 'äöü 漢字 🙂 "; \\',
        roles: ['a', 'b'],
        nested: { deep: { n: 1.5, off: false, none: null } },
      }
      await storage.write(tokens)
      assertEqual(await storage.read(), tokens, 'a token set comes back as it was written')
    },
  },
  {
    name: 'F4: keeps a token set of 32 KB whole',
    needs: [],
    async run({ storage }) {
      const tokens = { ...sample(1), idToken: 'x'.repeat(32_768) }
      await storage.write(tokens)
      assertEqual(await storage.read(), tokens, 'a long token set comes back whole')
      await storage.write(sample(2))
      assertEqual(await storage.read(), sample(2), 'nothing of a longer token set is left behind')
    },
  },
  {
    name: 'F4: keeps a set that is an access token alone',
    needs: [],
    async run({ storage }) {
      await storage.write({ accessToken: 'a' })
      assertEqual(await storage.read(), { accessToken: 'a' }, 'members that are missing stay missing')
    },
  },
  {
    name: 'the last write counts',
    needs: [],
    async run({ storage }) {
      await storage.write(sample(1))
      await storage.write(sample(2))
      assertEqual(await storage.read(), sample(2), 'a second write overwrites the first')
    },
  },
  {
    name: 'writing undefined clears',
    needs: [],
    async run({ storage }) {
      await storage.write(sample(1))
      await storage.write(undefined)
      assertThat(!hasTokens(await storage.read()), 'nothing is left after a clear')
      await storage.write(undefined)
      await storage.write(sample(2))
      assertEqual(await storage.read(), sample(2), 'a place that was cleared can be written again')
    },
  },
  {
    name: 'F3: the other holder reads what was written last',
    needs: ['sharedTokens'],
    async run({ storage, other }) {
      await storage.write(sample(1))
      assertEqual(await other.read(), sample(1), 'the other holder reads the tokens')
      await other.write(sample(2))
      assertEqual(await storage.read(), sample(2), 'and the first one those of the other')
    },
  },
  {
    name: 'H4: a clear reaches the other holder',
    needs: [],
    async run({ storage, other }) {
      await storage.write(sample(1))
      await other.read()
      await other.write(undefined)
      assertThat(!hasTokens(await storage.read()), 'a session that another holder ended is over')
    },
  },
  {
    name: 'concurrent writes leave one of them, whole',
    needs: ['sharedTokens'],
    async run({ storage, other }) {
      const sets = Array.from({ length: 8 }, (_, n) => ({ ...sample(n), idToken: String(n).repeat(3_000) }))
      await Promise.all(sets.map((tokens, n) => (n % 2 === 0 ? storage : other).write(tokens)))
      const [ours, theirs] = [await storage.read(), await other.read()]
      assertEqual(ours, theirs, 'both holders read the same')
      const winner = sets.find(
        ({ accessToken }) => hasTokens(ours) && JSON.stringify(ours).includes(`"${accessToken}"`),
      )
      assertEqual(ours, winner, 'what is stored is one of the written sets, whole')
    },
  },
]
