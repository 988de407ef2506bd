import { assertEqual } from '../assert-equal'
import { assertThat } from '../assert-that'
import { ContractBrokenError } from '../contract-broken-error'
import type { StorageCase } from './storage-place'
import { hasTokens, sample } from './token-samples'

const noTokens: readonly (readonly [what: string, text: string])[] = [
  ['an empty text', ''],
  ['no JSON', 'undefined'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a number', '1'],
  ['a text', '"accessToken"'],
  ['a half-written set', '{"v":1,"tokens":{"accessToken":"acc'],
  ['another version', '{"v":999,"tokens":{"accessToken":"a"}}'],
  ['no version', '{"tokens":{"accessToken":"a"}}'],
  ['an envelope without tokens', '{"v":1}'],
  ['tokens of another type', '{"v":1,"tokens":{"accessToken":{"toString":null}}}'],
  ['an envelope in the prototype', '{"__proto__":{"v":1,"tokens":{"accessToken":"a"}}}'],
  ['tokens in the prototype', '{"v":1,"tokens":{"__proto__":{"accessToken":"a"}}}'],
  ['brackets without end', '['.repeat(100_000)],
  ['deep nesting', `{"v":1,"tokens":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ['5 MB', `{"v":1,"tokens":{"idToken":"${'x'.repeat(5_000_000)}"}}`],
  ['control characters', '\0\u0001\u2028\ud800'],
]

/** What comes from a storage is parsed, never trusted. */
export const hostileCases: readonly StorageCase[] = [
  ...noTokens.map(
    ([what, text]): StorageCase => ({
      name: `X3: ${what} reads as signed out, and can be written over`,
      needs: ['corrupt'],
      async run({ storage, corrupt }) {
        await corrupt?.(text)
        assertThat(!hasTokens(await storage.read()), 'no access token comes out of it')
        if (storage.replace)
          assertEqual(await storage.replace(sample(1), sample(2)), false, 'it is not what a replace expects')
        await storage.write(sample(1))
        assertEqual(await storage.read(), sample(1), 'a write works as ever')
      },
    }),
  ),
  {
    name: 'X3: a `__proto__` in what is stored changes no prototype',
    needs: ['corrupt'],
    async run({ storage, corrupt }) {
      await corrupt?.(
        '{"v":1,"tokens":{"accessToken":"a","__proto__":{"polluted":1},"extra":{"__proto__":{"polluted":1}}}}',
      )
      const found = await storage.read()
      const extra: unknown = typeof found === 'object' && found !== null && 'extra' in found ? found.extra : {}
      const victims = [{}, found ?? {}, Object.assign({}, found), extra, Object.assign({}, extra)]
      const polluted = victims.some((value) => typeof value === 'object' && value !== null && 'polluted' in value)
      assertThat(!polluted, 'neither Object.prototype nor that of a copy')
    },
  },
  {
    name: 'F4: a place that fails is reported by each call, and works again once it is mended',
    needs: ['fail'],
    async run({ storage, fail }) {
      await storage.write(sample(1))
      const mend = await fail?.()
      await assertFails(() => storage.read(), 'read')
      await assertFails(() => storage.write(sample(2)), 'write')
      if (storage.replace) await assertFails(() => storage.replace?.(sample(1), sample(2)), 'replace')
      await mend?.()
      assertEqual(await storage.read(), sample(1), 'what was stored before is still there')
      await storage.write(sample(3))
      assertEqual(await storage.read(), sample(3), 'and can be written over')
    },
  },
]

async function assertFails(call: () => unknown, member: string): Promise<void> {
  try {
    await call()
  } catch (error) {
    assertThat(!/access-\d|refresh-\d/.test(String(error)), `X1: the error of ${member} holds no token`)
    return
  }
  throw new ContractBrokenError(`${member} throws or rejects when the place fails: silence would lose the session`)
}
