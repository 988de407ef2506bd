import { describe, expect, it } from 'vitest'
import { mergeTokens } from '../../src/core/merge-tokens'
import type { TokenSet } from '../../src/core/token-set'

const previous: TokenSet = {
  accessToken: 'a1',
  refreshToken: 'r1',
  idToken: 'i1',
  scope: 's1',
  tokenType: 'Bearer',
  expiresAt: 2_000,
  issuedAt: 1_000,
  sessionId: 'session',
}

describe('mergeTokens', () => {
  it('F4: is the answer where there was nothing', () => {
    const answer: TokenSet = { accessToken: 'a2' }
    expect(mergeTokens(undefined, answer)).toBe(answer)
  })

  it('F4: keeps what the answer lacks, but not the instants of another access token', () => {
    expect(mergeTokens(previous, { accessToken: 'a2' })).toEqual({
      accessToken: 'a2',
      refreshToken: 'r1',
      idToken: 'i1',
      scope: 's1',
      tokenType: 'Bearer',
      sessionId: 'session',
    })
  })

  it('F4: takes what the answer has', () => {
    const answer: TokenSet = {
      accessToken: 'a2',
      refreshToken: 'r2',
      idToken: 'i2',
      scope: 's2',
      tokenType: 'DPoP',
      expiresAt: 9_000,
      issuedAt: 8_000,
    }
    expect(mergeTokens(previous, answer)).toEqual({ ...answer, sessionId: 'session' })
  })

  it('F4: takes an expiry without its issue, and makes no lifetime of it', () => {
    expect(mergeTokens(previous, { accessToken: 'a2', expiresAt: 9_000 })).not.toHaveProperty('issuedAt')
    expect(mergeTokens(previous, { accessToken: 'a1', expiresAt: 9_000 })).not.toHaveProperty('issuedAt')
  })

  it('F4: keeps the instants of the same access token', () => {
    expect(mergeTokens(previous, { accessToken: 'a1', refreshToken: 'r2' })).toEqual({
      ...previous,
      refreshToken: 'r2',
    })
  })

  it('F4: keeps what an app has added', () => {
    const withExtras = { ...previous, tenant: 't', region: 'eu' }
    const answer = { accessToken: 'a2', region: 'us' }
    expect(mergeTokens(withExtras, answer)).toMatchObject({ tenant: 't', region: 'us' })
  })

  it('H4: the sessionId of the session always stays', () => {
    expect(mergeTokens(previous, { accessToken: 'a2', sessionId: 'other' }).sessionId).toBe('session')
    expect(mergeTokens({ accessToken: 'a1' }, { accessToken: 'a2', sessionId: 'other' }).sessionId).toBe('other')
  })

  it('gives a frozen set', () => {
    expect(mergeTokens(previous, { accessToken: 'a2' })).toSatisfy(Object.isFrozen)
  })
})
