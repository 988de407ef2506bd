import { describe, expect, it } from 'vitest'
import { readSessionJson, type SessionJsonContext, tokensOf } from '../../../src/frameworks/next-auth/session-json'
import { jwt } from '../../core/jwt'

const sentAt = Date.UTC(2030, 0, 1)
const inFiveMinutes = sentAt + 300_000
const context: SessionJsonContext = { fields: {}, rejectedErrors: ['RefreshTokenRejected'], sentAt, serverTime: sentAt }
const read = (body: unknown, given: Partial<SessionJsonContext> = {}) => readSessionJson(body, { ...context, ...given })
const tokensIn = (body: unknown, given?: Partial<SessionJsonContext>) => tokensOf(read(body, given))

describe('the JSON of GET /session', () => {
  it.each([{}, null])('S2: %j is signed out', (body) => {
    expect(read(body)).toEqual({ kind: 'signedOut' })
  })

  it.each([[], [{}], 'session', '', 0, true, undefined])('X3: %j is no session', (body) => {
    expect(read(body)).toBeUndefined()
  })

  it.each([
    ['accessToken', 'accessTokenExpiry', inFiveMinutes],
    ['accessToken', 'accessTokenExpires', inFiveMinutes],
    ['access_token', 'expires_at', inFiveMinutes / 1000],
    ['accessToken', 'expiresAt', String(inFiveMinutes)],
    ['accessToken', 'expires_at', String(inFiveMinutes / 1000)],
    ['accessToken', 'accessTokenExpires', new Date(inFiveMinutes).toISOString()],
  ])('finds %s and %s: %j, in the session and in its user', (token, expiry, value) => {
    const fields = { [token]: 'at-1', [expiry]: value }
    const tokens = { accessToken: 'at-1', expiresAt: inFiveMinutes }
    expect(tokensIn({ ...fields, expires: '2031-01-01' })).toEqual(tokens)
    expect(tokensIn({ user: { name: 'Alice', ...fields }, expires: '2031-01-01' })).toEqual(tokens)
  })

  it('takes the names and paths it is given', () => {
    const fields = {
      accessToken: 'user.api.token',
      expiresAt: 'user.api.until',
      sessionId: 'sid',
      error: 'user.problem',
    }
    const body = {
      accessToken: 'other',
      sid: 's1',
      user: { api: { token: 'at-1', until: inFiveMinutes }, problem: 'RefreshTokenRejected' },
    }
    expect(tokensIn(body, { fields })).toEqual({ accessToken: 'at-1', expiresAt: inFiveMinutes, sessionId: 's1' })
    expect(read(body, { fields })).toMatchObject({ isSpent: true })
    expect(tokensIn(body, { fields: { accessToken: 'user.name.first' } })).toBeUndefined()
  })

  it("E1: without an expiry the JWT's own counts, from the reading at most for its lifetime", () => {
    const iat = sentAt / 1000
    expect(tokensIn({ accessToken: jwt({ iat, exp: iat + 300 }) })).toMatchObject({ expiresAt: inFiveMinutes })
    expect(tokensIn({ accessToken: 'opaque' })).toEqual({ accessToken: 'opaque' })
  })

  it.each([
    ['ahead', 600_000],
    ['behind', -600_000],
  ])("E1, E7: a clock that is ten minutes %s: the server's Date corrects it", (_, ahead) => {
    const body = { accessToken: 'at-1', accessTokenExpiry: inFiveMinutes, accessTokenIssuedAt: sentAt }
    expect(tokensIn(body, { sentAt: sentAt + ahead })).toMatchObject({
      issuedAt: sentAt + ahead,
      expiresAt: inFiveMinutes + ahead,
    })
  })

  it('E1: a Date from before the token was issued corrects nothing', () => {
    const body = { accessToken: 'at-1', accessTokenExpiry: inFiveMinutes, accessTokenIssuedAt: sentAt }
    expect(tokensIn(body, { serverTime: sentAt - 600_000 })).toMatchObject({ expiresAt: inFiveMinutes })
  })

  it('E1: without a Date a token lives no longer than its lifetime from the reading', () => {
    const body = { accessToken: 'at-1', accessTokenExpiry: inFiveMinutes, accessTokenIssuedAt: sentAt }
    const behind = { serverTime: undefined, sentAt: sentAt - 600_000 }
    expect(tokensIn(body, behind)).toMatchObject({ expiresAt: inFiveMinutes - 600_000 })
    const ahead = { serverTime: undefined, sentAt: sentAt + 60_000 }
    expect(tokensIn(body, ahead)).toMatchObject({ expiresAt: inFiveMinutes })
  })

  it('F6: an error that is named says that the refresh token was refused; another says nothing', () => {
    const body = { accessToken: 'at-1', error: 'RefreshAccessTokenError' }
    expect(read(body)).toMatchObject({ isSpent: false })
    expect(read(body, { rejectedErrors: ['RefreshAccessTokenError'] })).toMatchObject({ isSpent: true })
    expect(read({ accessToken: 'at-1', error: 'RefreshTokenRejected' })).toMatchObject({ isSpent: true })
  })

  it.each([{}, { accessToken: '' }, { accessToken: 'with space' }, { accessToken: 7 }, { accessToken: null }])(
    'X3: a session with %j has no tokens, and says why',
    (fields) => {
      const session = read({ user: { name: 'Alice' }, ...fields })
      expect(session).toMatchObject({ kind: 'signedIn', tokens: { code: 'AUTH_INVALID_TOKEN' } })
    },
  )

  it.each([-1, 0, Number.NaN, 'soon', true, {}, [], null])('X3: an expiry of %j is none', (accessTokenExpiry) => {
    expect(tokensIn({ accessToken: 'at-1', accessTokenExpiry })).toEqual({ accessToken: 'at-1' })
  })

  it('X3: names that reach a prototype find nothing and harm nothing', () => {
    const body: unknown = JSON.parse('{"__proto__":{"accessToken":"at-1"},"user":{"__proto__":{"accessToken":"at-2"}}}')
    expect(tokensIn(body)).toBeUndefined()
    expect(tokensIn({ user: {} }, { fields: { accessToken: 'user.constructor.name' } })).toBeUndefined()
    expect(tokensIn({ user: {} }, { fields: { accessToken: '__proto__.toString' } })).toBeUndefined()
  })
})
