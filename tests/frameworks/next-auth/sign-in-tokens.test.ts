import type { Account } from 'next-auth'
import { describe, expect, it } from 'vitest'
import { signedInJwt } from '../../../src/frameworks/next-auth/sign-in-tokens'
import { jwt as jwtOf } from '../../core/jwt'

const now = 1_800_000_000_000
const inAnHour = now + 3_600_000

const account = (fields: Record<string, unknown>): Account => ({
  provider: 'keycloak',
  type: 'oauth',
  providerAccountId: '1',
  ...fields,
})
const signedIn = (fields: Record<string, unknown>, { user = {}, jwt = {} }: { user?: unknown; jwt?: object } = {}) =>
  signedInJwt({ jwt: { ...jwt }, account: account(fields), user, now })

describe('the first JWT of a session', () => {
  it('holds what the account says', () => {
    const fields = { access_token: 'a', refresh_token: 'r', id_token: 'i', expires_at: inAnHour / 1000 }
    expect(signedIn(fields, { jwt: { name: 'Ada', error: 'of the session before' } })).toEqual({
      name: 'Ada',
      accessToken: 'a',
      refreshToken: 'r',
      idToken: 'i',
      accessTokenExpiry: inAnHour,
      accessTokenIssuedAt: now,
      provider: 'keycloak',
      sessionId: expect.stringMatching(/^[\da-f-]{36}$/),
      error: undefined,
    })
  })

  it.each([
    ['expires_at in seconds', { expires_at: inAnHour / 1000 }],
    ['expires_at in seconds, as text', { expires_at: String(inAnHour / 1000) }],
    ['expires_at in milliseconds', { expires_at: inAnHour }],
    ['expires_at in ISO 8601', { expires_at: new Date(inAnHour).toISOString() }],
    ['expires_in', { expires_in: 3600 }],
    ['expires_in as text', { expires_in: '3600' }],
    ['expires_in and expires_at, whose clock is wrong', { expires_in: 3600, expires_at: 1 }],
    ['Azure’s ext_expires_in beside expires_in', { expires_in: 3600, ext_expires_in: 86_400 }],
    ['Azure’s ext_expires_in beside expires_at', { expires_at: inAnHour / 1000, ext_expires_in: 86_400 }],
    ['Azure’s expires_on', { expires_on: String(inAnHour / 1000), ext_expires_in: 86_400 }],
    ['accessTokenExpires in milliseconds', { accessTokenExpires: inAnHour }],
    ['a Date', { expiresOn: new Date(inAnHour) }],
  ])('E1: knows when it expires, by %s', (_, fields) => {
    expect(signedIn({ access_token: 'a', ...fields })).toMatchObject({
      accessTokenExpiry: inAnHour,
      accessTokenIssuedAt: now,
    })
  })

  it('E1: by the JWT’s own lifetime, whatever its clock says', () => {
    const jwt = jwtOf({ iat: 1_000, exp: 4_600 })
    expect(signedIn({ access_token: jwt })).toMatchObject({ accessTokenExpiry: inAnHour, accessTokenIssuedAt: now })
  })

  it.each([
    ['nothing', {}],
    ['ext_expires_in alone', { ext_expires_in: 86_400 }],
    ['nonsense', { expires_at: 'soon', expires_in: 'soon' }],
    ['a date that is none', { expiresOn: new Date(Number.NaN) }],
    ['infinity', { expires_at: Number.POSITIVE_INFINITY }],
  ])('E2: has no expiry by %s', (_, fields) => {
    expect(signedIn({ access_token: 'a', ...fields }).accessTokenExpiry).toBeUndefined()
  })

  describe('for credentials', () => {
    const tokens = { accessToken: 'a', refreshToken: 'r', accessTokenExpiry: inAnHour }
    it.each([
      ['the user', tokens],
      ['the user, as OAuth spells it', { access_token: 'a', refresh_token: 'r', expires_in: 3600 }],
      ['its tokens', { id: '1', tokens }],
      ['its data', { id: '1', data: tokens }],
    ])('holds what authorize returned in %s', (_, user) => {
      expect(signedIn({ type: 'credentials' }, { user })).toMatchObject(tokens)
    })

    it('is left as it is where there are no tokens', () => {
      const jwt = { name: 'Ada' }
      expect(signedIn({ type: 'credentials' }, { user: { id: '1', tokens: 'none' }, jwt })).toEqual(jwt)
      expect(signedIn({ type: 'email' }, { user: null, jwt })).toEqual(jwt)
    })

    it('X3: takes no token that no header can carry', () => {
      expect(signedIn({}, { user: { accessToken: 'a\r\nx-evil: 1' } })).not.toHaveProperty('accessToken')
    })
  })

  describe('after a callback of the app’s own', () => {
    const fields = { access_token: 'a', refresh_token: 'r', id_token: 'i', expires_in: 3600 }
    it('that copied the account’s access token, holds what else the account says', () => {
      expect(signedIn(fields, { jwt: { accessToken: 'a' } })).toMatchObject({ refreshToken: 'r', idToken: 'i' })
    })
    it('that has tokens of its own, holds none of the account’s but the id token', () => {
      const own = { accessToken: 'own', accessTokenExpiry: inAnHour + 1 }
      const jwt = signedIn(fields, { jwt: own })
      expect(jwt).toMatchObject({ ...own, idToken: 'i' })
      expect(jwt.refreshToken).toBeUndefined()
    })
  })

  it('H4: each sign-in is another session', () => {
    const [first, second] = [1, 2].map(() => signedIn({ access_token: 'a' }).sessionId)
    expect(first).not.toBe(second)
  })
})
