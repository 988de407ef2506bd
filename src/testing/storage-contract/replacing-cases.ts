import type { TokenSet } from '../../core/token-set'
import type { TokenStorage } from '../../core/token-storage'
import { assertEqual } from '../assert-equal'
import { assertThat } from '../assert-that'
import type { StorageCase } from './storage-place'
import { hasTokens, sample } from './token-samples'

async function replace(storage: TokenStorage, expected: TokenSet, next: TokenSet | undefined): Promise<boolean> {
  assertThat(storage.replace, "the storage has `replace`, or is said to lack it (`lacks: ['replace']`)")
  return storage.replace(expected, next)
}

/** `replace`: a write that takes place only while the expected tokens are stored. */
export const replacingCases: readonly StorageCase[] = [
  {
    name: 'H1: replaces the tokens it expects',
    needs: ['replace'],
    async run({ storage }) {
      await storage.write(sample(1))
      assertEqual(await replace(storage, sample(1), sample(2)), true, 'replace says that it has written')
      assertEqual(await storage.read(), sample(2), 'the next tokens are stored')
    },
  },
  {
    name: 'H1: expects access token and refresh token, and nothing else',
    needs: ['replace'],
    async run({ storage }) {
      await storage.write({ ...sample(1), scope: 'another', expiresAt: 1 })
      const { accessToken, refreshToken = '' } = sample(1)
      assertEqual(
        await replace(storage, { accessToken, refreshToken }, sample(2)),
        true,
        'only the two tokens are compared',
      )
    },
  },
  {
    name: 'H1: leaves other tokens alone',
    needs: ['replace'],
    async run({ storage }) {
      await storage.write(sample(1))
      const { accessToken } = sample(1)
      for (const expected of [
        sample(2),
        { ...sample(1), accessToken: 'another' },
        { ...sample(1), refreshToken: 'another' },
        { accessToken },
      ]) {
        assertEqual(await replace(storage, expected, sample(3)), false, 'replace says that it has not written')
        assertEqual(await replace(storage, expected, undefined), false, 'a clear is not written either')
      }
      assertEqual(await storage.read(), sample(1), 'what is stored stays')
    },
  },
  {
    name: 'H1: a set without a refresh token can be replaced',
    needs: ['replace'],
    async run({ storage }) {
      await storage.write({ accessToken: 'a' })
      assertEqual(
        await replace(storage, { accessToken: 'a', refreshToken: 'r' }, sample(2)),
        false,
        'no refresh token is stored',
      )
      assertEqual(
        await replace(storage, { accessToken: 'a' }, sample(2)),
        true,
        'a missing refresh token equals a missing one',
      )
    },
  },
  {
    name: 'H1: does not bring an ended session back',
    needs: ['replace'],
    async run({ storage, other }) {
      await storage.write(sample(1))
      await other.write(undefined)
      assertEqual(await replace(storage, sample(1), sample(2)), false, 'nothing is stored, so nothing is replaced')
      assertThat(!hasTokens(await storage.read()), 'the session stays ended')
    },
  },
  {
    name: 'H1: a holder that was paused does not overwrite newer tokens',
    needs: ['replace', 'sharedTokens'],
    async run({ storage, other }) {
      await storage.write(sample(1))
      assertEqual(await replace(other, sample(1), sample(2)), true, 'the other holder goes first')
      assertEqual(await replace(storage, sample(1), sample(3)), false, 'the late one does not write')
      assertEqual(await storage.read(), sample(2), 'the newer tokens stay')
    },
  },
  {
    name: 'H1: clears the tokens it expects',
    needs: ['replace'],
    async run({ storage }) {
      await storage.write(sample(1))
      assertEqual(await replace(storage, sample(1), undefined), true, 'replace with undefined clears')
      assertThat(!hasTokens(await storage.read()), 'nothing is stored any more')
    },
  },
  {
    name: 'H1: of replaces at the same time exactly one wins',
    needs: ['replace', 'sharedTokens'],
    async run({ storage, other }) {
      await storage.write(sample(0))
      const sets = Array.from({ length: 8 }, (_, n) => sample(n + 1))
      const won = await Promise.all(sets.map((next, n) => replace(n % 2 === 0 ? storage : other, sample(0), next)))
      assertEqual(won.filter(Boolean).length, 1, 'exactly one replace says that it has written')
      assertEqual(await storage.read(), sets[won.indexOf(true)], 'and its tokens are stored')
    },
  },
]
