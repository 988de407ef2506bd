import { describe, expect, it } from 'vitest'
import { type StatedExpiry, type TokenOrigin, tokenExpiry } from '../../src/core/token-expiry'
import { jwt } from './jwt'

const at = 1_700_000_000_000
const seconds = at / 1000
const refresh: TokenOrigin = { from: 'refresh', sentAt: at }
const app: TokenOrigin = { from: 'app', now: at }
const storage: TokenOrigin = { from: 'storage', now: at }

// The authorization server's clock is an hour ahead of ours, or an hour behind.
const ahead = jwt({ iat: seconds + 3_600, exp: seconds + 3_900 })
const behind = jwt({ iat: seconds - 3_600, exp: seconds - 3_300 })
const withoutIat = jwt({ exp: seconds + 300 })

interface Case {
  readonly title: string
  readonly origin: TokenOrigin
  readonly token?: string
  readonly stated?: Partial<StatedExpiry>
  readonly expected: object
}

describe('tokenExpiry', () => {
  it.each<Case>([
    {
      title: 'relative counts from the sending',
      origin: refresh,
      stated: { lifetimeMs: 300_000 },
      expected: { expiresAt: at + 300_000, issuedAt: at },
    },
    {
      title: 'relative wins over absolute and JWT',
      origin: refresh,
      token: ahead,
      stated: { lifetimeMs: 1, expiresAt: at + 9, issuedAt: at - 9 },
      expected: { expiresAt: at + 1, issuedAt: at },
    },
    {
      title: 'absolute is taken as given, and lives from the sending at most',
      origin: refresh,
      token: ahead,
      stated: { expiresAt: at + 9, issuedAt: at - 9 },
      expected: { expiresAt: at + 9, issuedAt: at },
    },
    {
      title: 'absolute, of a clock ahead, keeps its lifetime',
      origin: refresh,
      stated: { expiresAt: at + 9, issuedAt: at + 5 },
      expected: { expiresAt: at + 9, issuedAt: at + 5 },
    },
    {
      title: 'absolute is issued when it was sent for',
      origin: refresh,
      stated: { expiresAt: at + 9 },
      expected: { expiresAt: at + 9, issuedAt: at },
    },
    {
      title: 'a JWT gives its lifetime, however wrong the clocks',
      origin: refresh,
      token: ahead,
      expected: { expiresAt: at + 300_000, issuedAt: at },
    },
    {
      title: 'a JWT gives its lifetime, also of a clock behind',
      origin: refresh,
      token: behind,
      expected: { expiresAt: at + 300_000, issuedAt: at },
    },
    { title: 'a JWT without iat gives nothing', origin: refresh, token: withoutIat, expected: {} },
    { title: 'an opaque token gives nothing', origin: refresh, stated: { issuedAt: at }, expected: {} },
  ])('E1: from a refresh $title', ({ origin, token = 'opaque', stated, expected }) => {
    expect(
      tokenExpiry(token, { lifetimeMs: undefined, expiresAt: undefined, issuedAt: undefined, ...stated }, origin),
    ).toEqual(expected)
  })

  it.each<Case>([
    {
      title: 'relative counts from the call',
      origin: app,
      stated: { lifetimeMs: 300_000 },
      expected: { expiresAt: at + 300_000, issuedAt: at },
    },
    {
      title: 'relative wins over absolute and JWT',
      origin: app,
      token: behind,
      stated: { lifetimeMs: 1, expiresAt: at + 9 },
      expected: { expiresAt: at + 1, issuedAt: at },
    },
    {
      title: 'absolute is taken as given',
      origin: app,
      token: behind,
      stated: { expiresAt: at + 9, issuedAt: at - 9 },
      expected: { expiresAt: at + 9, issuedAt: at - 9 },
    },
    {
      title: 'absolute makes up no issue',
      origin: app,
      stated: { expiresAt: at + 9 },
      expected: { expiresAt: at + 9 },
    },
    {
      title: 'a JWT of a clock ahead is bound by its lifetime',
      origin: app,
      token: ahead,
      expected: { expiresAt: at + 300_000 },
    },
    {
      title: 'a JWT of a clock behind is bound by exp',
      origin: app,
      token: behind,
      expected: { expiresAt: at - 3_300_000 },
    },
    {
      title: 'a JWT without iat is bound by exp',
      origin: app,
      token: withoutIat,
      expected: { expiresAt: at + 300_000 },
    },
    {
      title: 'a JWT makes no lifetime of a stated issue',
      origin: app,
      token: withoutIat,
      stated: { issuedAt: at },
      expected: { expiresAt: at + 300_000 },
    },
    { title: 'an opaque token gives nothing', origin: app, expected: {} },
  ])('E1: from the app $title', ({ origin, token = 'opaque', stated, expected }) => {
    expect(
      tokenExpiry(token, { lifetimeMs: undefined, expiresAt: undefined, issuedAt: undefined, ...stated }, origin),
    ).toEqual(expected)
  })

  it.each<Case>([
    {
      title: 'absolute is taken as given',
      origin: storage,
      token: ahead,
      stated: { lifetimeMs: 1, expiresAt: at + 9, issuedAt: at - 9 },
      expected: { expiresAt: at + 9, issuedAt: at - 9 },
    },
    {
      title: 'absolute makes up no issue',
      origin: storage,
      stated: { expiresAt: at + 9 },
      expected: { expiresAt: at + 9 },
    },
    {
      title: 'a JWT is bound by the earlier one',
      origin: storage,
      token: ahead,
      stated: { lifetimeMs: 1 },
      expected: { expiresAt: at + 300_000 },
    },
    {
      title: 'a JWT of a clock behind is bound by exp',
      origin: storage,
      token: behind,
      expected: { expiresAt: at - 3_300_000 },
    },
    {
      title: 'relative alone is a bound',
      origin: storage,
      stated: { lifetimeMs: 300_000, issuedAt: at - 9 },
      expected: { expiresAt: at + 300_000 },
    },
    { title: 'an opaque token gives nothing', origin: storage, stated: { issuedAt: at }, expected: {} },
  ])('E1: from a storage $title', ({ origin, token = 'opaque', stated, expected }) => {
    expect(
      tokenExpiry(token, { lifetimeMs: undefined, expiresAt: undefined, issuedAt: undefined, ...stated }, origin),
    ).toEqual(expected)
  })

  it('X3: an exp beyond all numbers is none', () => {
    expect(
      tokenExpiry(
        jwt({ exp: 1e308, iat: -1e308 }),
        { lifetimeMs: undefined, expiresAt: undefined, issuedAt: undefined },
        app,
      ),
    ).toEqual({})
  })
})
