import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTokens, type TokenOrigin } from '../../src/core/parse-tokens'
import { jwt } from './jwt'

const now = 1_700_000_000_000
const app: TokenOrigin = { from: 'app', now }
const refresh: TokenOrigin = { from: 'refresh', sentAt: now }
const storage: TokenOrigin = { from: 'storage', now }
const origins = [app, refresh, storage]

const tokensOf = (value: unknown, origin: TokenOrigin = app) => {
  const parsed = parseTokens(value, origin)
  if ('error' in parsed) throw parsed.error
  return parsed.tokens
}
const messageOf = (value: unknown, origin: TokenOrigin = app) => {
  const parsed = parseTokens(value, origin)
  if (!('error' in parsed)) throw new Error('expected an error')
  expect(parsed.error).toMatchObject({ name: 'InvalidTokenError', code: 'AUTH_INVALID_TOKEN' })
  return parsed.error.message
}

describe('parseTokens', () => {
  const shapes: [name: string, value: unknown, expected: object][] = [
    [
      'a token set',
      { accessToken: 'a', refreshToken: 'r', expiresAt: now + 9, issuedAt: now - 9, sessionId: 's' },
      { accessToken: 'a', refreshToken: 'r', expiresAt: now + 9, issuedAt: now - 9, sessionId: 's' },
    ],
    [
      'camelCase with expiresIn (ASP.NET Identity)',
      { tokenType: 'Bearer', accessToken: 'a', expiresIn: 300, refreshToken: 'r' },
      { tokenType: 'Bearer', accessToken: 'a', refreshToken: 'r', expiresAt: now + 300_000, issuedAt: now },
    ],
    [
      'the wire',
      { access_token: 'a', refresh_token: 'r', id_token: 'i', token_type: 'bearer', scope: 'x y', expires_in: 300 },
      {
        accessToken: 'a',
        refreshToken: 'r',
        idToken: 'i',
        tokenType: 'bearer',
        scope: 'x y',
        expiresAt: now + 300_000,
        issuedAt: now,
      },
    ],
    [
      'expires_in as a string',
      { access_token: 'a', expires_in: '300' },
      { accessToken: 'a', expiresAt: now + 300_000, issuedAt: now },
    ],
    [
      'expires_at in seconds (Auth.js account)',
      { access_token: 'a', expires_at: now / 1000 + 9 },
      { accessToken: 'a', expiresAt: now + 9_000 },
    ],
    [
      'accessTokenExpiry in ms',
      { accessToken: 'a', accessTokenExpiry: now + 9 },
      { accessToken: 'a', expiresAt: now + 9 },
    ],
    [
      'expiresOn as a Date (MSAL)',
      { accessToken: 'a', expiresOn: new Date(now + 9), extExpiresOn: new Date(now + 99), scopes: ['x'] },
      { accessToken: 'a', expiresAt: now + 9, scopes: ['x'] },
    ],
    [
      'a JWT',
      { accessToken: jwt({ iat: now / 1000, exp: now / 1000 + 300 }) },
      { accessToken: jwt({ iat: now / 1000, exp: now / 1000 + 300 }), expiresAt: now + 300_000 },
    ],
    [
      'null for what is not there',
      { accessToken: 'a', refreshToken: null, expiresIn: null, expiresOn: null, idToken: undefined },
      { accessToken: 'a' },
    ],
    [
      'camelCase before the wire',
      { accessToken: 'a', access_token: 'b', refresh_token: 'r' },
      { accessToken: 'a', refreshToken: 'r' },
    ],
  ]
  it.each(shapes)('E1: reads %s', (_, value, expected) => {
    const tokens = tokensOf(value)
    expect(tokens).toStrictEqual(expected)
    expect(tokens).toSatisfy(Object.isFrozen)
  })

  it('F4: an answer has only what it gave', () => {
    expect(Object.keys(tokensOf({ access_token: 'a' }, refresh))).toEqual(['accessToken'])
  })

  it.each(origins)('A6: refuses an access token that no header can carry, from $from', (origin) => {
    for (const accessToken of ['a b', 'a\r\nx: y', 'ä', 'a\u0000', '\u007f', ' a', 'Bearer a']) {
      expect(messageOf({ accessToken }, origin)).toMatch(/^accessToken .*without its scheme/)
    }
    expect(tokensOf({ accessToken: '!~"\\{}' }, origin).accessToken).toBe('!~"\\{}')
  })

  it.each<[value: unknown, message: RegExp]>([
    [undefined, /accessToken is missing: give \{ accessToken/],
    [null, /accessToken is missing/],
    [7, /accessToken is missing/],
    [[{ accessToken: 'a' }], /accessToken is missing/],
    [() => 'a', /accessToken is missing/],
    [{}, /accessToken is missing/],
    [{ token: 'a' }, /accessToken is missing/],
    [{ accessToken: '' }, /accessToken must be a non-empty string/],
    [{ accessToken: { value: 'a' } }, /accessToken must be a non-empty string/],
    ['a.b.c', /give \{ accessToken \}/],
    [{ data: { access_token: 'a' }, status: 200, headers: {} }, /its data/],
    [Object.create({ accessToken: 'a' }), /accessToken is missing/],
  ])('X3: %s is no token set', (value, message) => {
    for (const origin of origins) expect(messageOf(value, origin)).toMatch(message)
  })

  const malformed: [field: Record<string, unknown>, message: RegExp][] = [
    [{ refreshToken: 7 }, /^refreshToken must be a non-empty string; leave it out/],
    [{ refresh_token: '' }, /^refresh_token must be a non-empty string/],
    [{ idToken: {} }, /^idToken must be a non-empty string/],
    [{ expiresIn: true }, /^expiresIn must be a number of seconds/],
    [{ expiresIn: 'soon' }, /^expiresIn must be/],
    [{ expires_in: '' }, /^expires_in must be/],
    [{ expires_in: Number.NaN }, /^expires_in must be/],
    [{ expiresIn: Number.POSITIVE_INFINITY }, /^expiresIn must be/],
    [{ expiresIn: Number.MAX_VALUE }, /^expiresIn must be/],
    [{ expiresAt: now / 1000 }, /^expiresAt must be epoch milliseconds; multiply seconds by 1000/],
    [{ expiresAt: '2030-01-01' }, /^expiresAt must be/],
    [{ accessTokenExpiry: now / 1000 }, /^accessTokenExpiry must be epoch milliseconds/],
    [{ expires_at: now }, /^expires_at must be epoch seconds; divide milliseconds by 1000/],
    [{ expiresOn: '2030-01-01' }, /^expiresOn must be a valid Date/],
    [{ expiresOn: new Date(Number.NaN) }, /^expiresOn must be a valid Date/],
    [{ issuedAt: true, expiresAt: now }, /^issuedAt must be epoch milliseconds/],
  ]
  it.each(malformed)('E1: from the app %o is an error', (field, message) => {
    expect(messageOf({ accessToken: 'a', ...field })).toMatch(message)
  })
  it.each(malformed)('F4: from a refresh or a storage %o is ignored, and the refresh token kept', (field) => {
    for (const origin of [refresh, storage]) {
      const { issuedAt, expiresAt, ...tokens } = tokensOf({ accessToken: 'a', refreshToken: 'r', ...field }, origin)
      const own = 'refreshToken' in field ? { accessToken: 'a' } : { accessToken: 'a', refreshToken: 'r' }
      expect(tokens).toStrictEqual(own)
      expect(expiresAt).toBe(field['expiresAt'] === now ? now : undefined)
      expect(issuedAt).toBe(origin === refresh ? expiresAt : undefined)
    }
  })

  it('E1: on a clock that begins at 0, as of a test, every instant is taken; 0 on any clock', () => {
    const early: TokenOrigin[] = [
      { from: 'app', now: 0 },
      { from: 'storage', now: 5_000 },
      { from: 'refresh', sentAt: 5_000 },
    ]
    for (const expiresAt of [60_000, 1, -1]) {
      for (const origin of early) expect(tokensOf({ accessToken: 'a', expiresAt }, origin)).toMatchObject({ expiresAt })
      expect(messageOf({ accessToken: 'a', expiresAt })).toMatch(/^expiresAt must be epoch milliseconds/)
    }
    for (const origin of origins) {
      expect(tokensOf({ accessToken: 'a', expiresAt: 0 }, origin)).toMatchObject({ expiresAt: 0 })
    }
  })

  it('names every field at once', () => {
    expect(messageOf({ accessToken: 'a', refreshToken: 1, expiresIn: 'soon' })).toMatch(
      /refreshToken must.*expiresIn must/,
    )
  })

  it('E1: takes the second spelling where the first cannot be used', () => {
    expect(tokensOf({ accessToken: 'a', expiresIn: 'x', expires_in: 9 }, refresh).expiresAt).toBe(now + 9_000)
  })

  it('F4: a scope of another type is no error and not taken', () => {
    expect(tokensOf({ accessToken: 'a', scope: ['x'], tokenType: 7, sessionId: '' })).toStrictEqual({
      accessToken: 'a',
    })
  })

  it('keeps what an app has beside the tokens, as plain data', () => {
    const value = { access_token: 'a', tenant: 't', roles: ['x'], user: { id: 1, born: new Date() }, refresh: () => 1 }
    for (const origin of origins)
      expect(tokensOf(value, origin)).toStrictEqual({ accessToken: 'a', tenant: 't', roles: ['x'], user: { id: 1 } })
  })

  it('X1: no value is in a message', () => {
    const secret = 'se cret'
    for (const value of [
      secret,
      [secret],
      { accessToken: secret },
      { data: { accessToken: secret } },
      { accessToken: 'a', refreshToken: [secret], expiresIn: secret },
    ]) {
      expect(messageOf(value)).not.toContain(secret)
    }
  })

  it('X3: pollutes no prototype', () => {
    const names = fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      'accessToken',
      'access_token',
      'expires_in',
      'data',
      'x',
      'toString',
    )
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom('a', 1, null, true, { polluted: 1 }),
        fc.array(fc.tuple(names, tie('tree')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
    }))
    fc.assert(
      fc.property(tree, fc.constantFrom(...origins), (value, origin) => {
        const parsed = parseTokens({ accessToken: 'a', value, ...Object(value) }, origin)
        expect({}).not.toHaveProperty('polluted')
        if ('error' in parsed) return
        expect(Object.getPrototypeOf(parsed.tokens)).toBe(Object.prototype)
        expect(JSON.stringify(parsed.tokens)).not.toMatch(/"(?:__proto__|constructor|prototype)":/)
      }),
    )
  })

  it('X3: never throws, and gives only finite instants', () => {
    const field = fc.constantFrom(
      'accessToken',
      'refresh_token',
      'expiresIn',
      'expires_at',
      'expiresAt',
      'expiresOn',
      'issuedAt',
      'scope',
    )
    const anything = fc.anything({ withDate: true, withMap: true, withNullPrototype: true, withBigInt: true })
    const value = fc.oneof(
      anything,
      fc.dictionary(field, anything),
      fc.dictionary(field, anything).map((fields) => ({ ...fields, accessToken: 'a' })),
    )
    fc.assert(
      fc.property(value, fc.constantFrom(...origins), (input, origin) => {
        const parsed = parseTokens(input, origin)
        const { expiresAt = 0, issuedAt = 0 } = 'tokens' in parsed ? parsed.tokens : {}
        expect([expiresAt, issuedAt].every(Number.isFinite)).toBe(true)
      }),
    )
  })

  it('X3: survives getters that throw', () => {
    const bomb = {
      get accessToken() {
        throw new Error('boom')
      },
    }
    expect(messageOf(bomb)).toMatch(/accessToken is missing/)
    expect(tokensOf({ accessToken: 'a', refreshToken: 'r', extra: bomb }, refresh)).toStrictEqual({
      accessToken: 'a',
      refreshToken: 'r',
    })
  })
})
