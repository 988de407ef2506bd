import { describe, expect, it } from 'vitest'
import { isSameSession } from '../../src/core/same-session'
import type { TokenSet } from '../../src/core/token-set'
import { jwt } from './jwt'

const ann = jwt({ iss: 'https://a', sub: 'ann' })
const bob = jwt({ iss: 'https://a', sub: 'bob' })

describe('isSameSession', () => {
  it.each<[title: string, a: TokenSet, b: TokenSet, same: boolean]>([
    [
      'the same sessionId is, also with other tokens',
      { accessToken: 'a', sessionId: '1' },
      { accessToken: 'b', sessionId: '1' },
      true,
    ],
    [
      'another sessionId is not, also with opaque tokens',
      { accessToken: 'a', sessionId: '1' },
      { accessToken: 'a', sessionId: '2' },
      false,
    ],
    [
      'the sessionId counts for more than the subject',
      { accessToken: ann, sessionId: '1' },
      { accessToken: bob, sessionId: '1' },
      true,
    ],
    ['another subject is not', { accessToken: ann }, { accessToken: bob }, false],
    [
      'another subject is not, where one side has a sessionId',
      { accessToken: ann, sessionId: '1' },
      { accessToken: bob },
      false,
    ],
    ['the same subject is', { accessToken: ann }, { accessToken: ann, idToken: ann }, true],
    ['another issuer is not', { accessToken: ann }, { accessToken: jwt({ iss: 'https://b', sub: 'ann' }) }, false],
    [
      'the id token tells where the access token is opaque',
      { accessToken: 'a', idToken: ann },
      { accessToken: 'b', idToken: bob },
      false,
    ],
    ['opaque tokens are', { accessToken: 'a' }, { accessToken: 'b' }, true],
    [
      'a subject without an issuer tells nothing',
      { accessToken: jwt({ sub: 'ann' }) },
      { accessToken: jwt({ sub: 'bob' }) },
      true,
    ],
    [
      'issuer and subject are not confused',
      { accessToken: jwt({ iss: 'a', sub: 'b","c' }) },
      { accessToken: jwt({ iss: 'a","b', sub: 'c' }) },
      false,
    ],
  ])('H4: %s', (_, a, b, same) => {
    expect(isSameSession(a, b)).toBe(same)
    expect(isSameSession(b, a)).toBe(same)
  })
})
