import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decode, encode, holds } from '../../src/storages/envelope'

const tokens = { accessToken: 'a', refreshToken: 'r', tenant: { name: 'x' } }

it('F4: gives back what was put in', () => {
  expect(decode(encode(tokens))).toEqual(tokens)
})

it('F4: gives back whatever JSON the app keeps beside the tokens', () => {
  const key = fc.string({ minLength: 1 }).filter((name) => name !== '__proto__')
  fc.assert(
    fc.property(fc.dictionary(key, fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))), (extras) => {
      const set = { ...extras, accessToken: 'a' }
      expect(decode(encode(set))).toEqual(set)
    }),
  )
})

it('F4: what would be too long to be read back is not written', () => {
  const sized = (length: number) => ({
    accessToken: 'a'.repeat(length - JSON.stringify({ v: 1, tokens: { accessToken: '' } }).length),
  })
  expect(decode(encode(sized(1_048_576)))).toBeDefined()
  expect(() => encode(sized(1_048_577))).toThrow(expect.objectContaining({ code: 'AUTH_STORAGE' }))
})

it('X3: never throws, whatever it is given', () => {
  fc.assert(fc.property(fc.oneof(fc.anything(), fc.string(), fc.json()), (input) => decode(input) === undefined))
})

it('X3: each beginning of a text reads as nothing', () => {
  const text = encode(tokens)
  for (let end = 0; end < text.length; end += 1) expect(decode(text.slice(0, end))).toBeUndefined()
})

it.each([
  ['another version', '{"v":2,"tokens":{"accessToken":"a"}}'],
  ['a version of another type', '{"v":"1","tokens":{"accessToken":"a"}}'],
  ['a version in the prototype', '{"__proto__":{"v":1,"tokens":{"accessToken":"a"}}}'],
  ['nesting beyond the stack', `{"v":1,"tokens":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
  ['more than 1 MB', JSON.stringify({ v: 1, tokens: { accessToken: 'a'.repeat(1_048_576) } })],
])('X3: %s reads as nothing', (_, text) => {
  expect(decode(text)).toBeUndefined()
})

it('X3: no `__proto__` comes out of it', () => {
  const found = decode(
    '{"v":1,"tokens":{"accessToken":"a","__proto__":{"polluted":1},"x":{"__proto__":{"polluted":1}}}}',
  )
  expect(JSON.stringify(found)).toBe('{"accessToken":"a","x":{}}')
})

it('H1: holds what has the same access token and refresh token', () => {
  const text = encode(tokens)
  expect(holds(text, { accessToken: 'a', refreshToken: 'r' })).toBe(true)
  expect(holds(text, { accessToken: 'a' })).toBe(false)
  expect(holds(text, { accessToken: 'a', refreshToken: 's' })).toBe(false)
  expect(holds(text, { accessToken: 'b', refreshToken: 'r' })).toBe(false)
  expect(holds(undefined, { accessToken: 'a' })).toBe(false)
  expect(holds('{"v":1,"tokens":{}}', { accessToken: 'a' })).toBe(false)
})
