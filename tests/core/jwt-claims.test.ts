import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jwtClaims } from '../../src/core/jwt-claims'
import { jwt } from './jwt'

const withPayload = (json: string) => `e30.${Buffer.from(json).toString('base64url')}.c2ln`

describe('jwtClaims', () => {
  it('reads timing and subject, and nothing else', () => {
    expect(jwtClaims(jwt({ exp: 20, iat: 10.5, iss: 'https://a', sub: 'u', email: 'u@a' }))).toEqual({
      exp: 20,
      iat: 10.5,
      iss: 'https://a',
      sub: 'u',
    })
  })

  it('reads base64url and UTF-8', () => {
    const sub = 'Zoë 田中 🦊 ???>>>~~~%41'
    expect(jwtClaims(jwt({ sub }))).toEqual({ sub })
  })

  it('X3: takes only claims of the right type', () => {
    expect(jwtClaims(jwt({ exp: '20', iat: null, iss: 1, sub: ['u'] }))).toEqual({})
    expect(jwtClaims(withPayload('{"exp":1e999,"iat":-1e999}'))).toEqual({})
  })

  it('X3: is not impressed by __proto__', () => {
    expect(jwtClaims(withPayload('{"__proto__":{"exp":20,"sub":"u"}}'))).toEqual({})
    expect({}).not.toHaveProperty('exp')
  })

  it.each([
    '',
    'opaque',
    'a.b',
    '..',
    '.e30.',
    'a.!.c',
    'a.e30',
    withPayload('[1]'),
    withPayload('null'),
    withPayload('"x"'),
    withPayload('{'),
    `a.${'a.'.repeat(9)}`,
  ])('X3: %s is opaque', (token) => {
    expect(jwtClaims(token) ?? 'opaque').toEqual(token === '.e30.' ? {} : 'opaque')
  })

  it('X3: does not decode tokens beyond 64 KB', () => {
    expect(jwtClaims(jwt({ exp: 20, pad: 'x'.repeat(40_000) }))).toEqual({ exp: 20 })
    expect(jwtClaims(jwt({ exp: 20, pad: 'x'.repeat(65_536) }))).toBeUndefined()
  })

  it('X3: never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (payload, text) => {
        jwtClaims(`a.${payload}.c`)
        jwtClaims(withPayload(text))
        jwtClaims(text)
      }),
    )
  })
})
