import { EncryptJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { sealing } from '../../src/storages/sealing'

const oldSecret = 'the-old-secret-of-this-application-0001'
const newSecret = 'the-new-secret-of-this-application-0002'
const minute = 60_000
const purpose = 'cookie session'
const make = (secret: string | readonly string[], { now = Date.now, of = purpose } = {}) =>
  sealing({ secret, purpose: of, maxAgeMs: minute, now })

describe('sealing', () => {
  it('gives the text back, whatever is in it', async () => {
    const { seal, unseal } = make(newSecret)
    for (const text of ['', '{"a":"ü 😀 \\"\\u0000"}', 'x'.repeat(100_000)])
      expect(await unseal(await seal(text))).toBe(text)
  })

  it('makes text that no cookie has to escape, and that shows nothing of what is in it', async () => {
    const { seal } = make(newSecret)
    const sealed = await seal('{"refreshToken":"rt-1"}')
    expect(sealed).toMatch(/^[\w.-]+$/)
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('rt-1')
    expect(await seal('{"refreshToken":"rt-1"}')).not.toBe(sealed)
  })

  it('X3: a value with any part changed, cut or foreign is undefined, never an exception', async () => {
    const { seal, unseal } = make(newSecret)
    const sealed = await seal('text')
    const hostile = [
      '',
      '.',
      '....',
      'a.b.c.d.e',
      '{}',
      '__proto__',
      sealed.slice(0, -1),
      sealed.slice(1),
      `${sealed}.`,
      `${sealed}A`,
    ]
    const flipped = [...sealed].map(
      (letter, at) => sealed.slice(0, at) + (letter === 'A' ? 'B' : 'A') + sealed.slice(at + 1),
    )
    for (const value of [...hostile, ...flipped.filter((_, at) => at % 7 === 0)])
      expect(await unseal(value)).toBeUndefined()
    expect(await unseal(sealed)).toBe('text')
  })

  it('X3: a value that says which algorithm to use is not obeyed', async () => {
    const { unseal } = make(newSecret)
    const weak = await new EncryptJWT({ text: 'x' })
      .setProtectedHeader({ alg: 'dir', enc: 'A128CBC-HS256' })
      .encrypt(new Uint8Array(32))
    expect(await unseal(weak)).toBeUndefined()
    const header = Buffer.from('{"alg":"none"}').toString('base64url')
    expect(await unseal(`${header}.${Buffer.from('{"text":"x"}').toString('base64url')}.`)).toBeUndefined()
  })

  it('X2: ends when its time is up', async () => {
    let now = 1_700_000_000_000
    const { seal, unseal } = make(newSecret, { now: () => now })
    const sealed = await seal('text')
    now += minute - 1000
    expect(await unseal(sealed)).toBe('text')
    now += 2000
    expect(await unseal(sealed)).toBeUndefined()
  })

  it('several secrets: the first seals, all unseal, one taken out does not', async () => {
    const before = await make(oldSecret).seal('text')
    const both = make([newSecret, oldSecret])
    expect(await both.unseal(before)).toBe('text')
    const after = await both.seal('text')
    expect(await make(newSecret).unseal(after)).toBe('text')
    expect(await make(oldSecret).unseal(after)).toBeUndefined()
    expect(await make(newSecret).unseal(before)).toBeUndefined()
  })

  it('what was sealed for one purpose cannot be moved to another', async () => {
    const sealed = await make(newSecret).seal('text')
    expect(await make(newSecret, { of: 'redis user-2' }).unseal(sealed)).toBeUndefined()
  })

  it('refuses a secret that is short or none at all, and says how to make one', () => {
    for (const secret of ['', 'short', [], [newSecret, 'short'], null as never, 5 as never]) {
      expect(() => make(secret)).toThrow(
        expect.objectContaining({ code: 'AUTH_CONFIGURATION', message: expect.stringContaining('openssl') }),
      )
    }
  })
})
