import { describe, expect, it } from 'vitest'
import { parseStored } from '../../src/core/parse-stored'
import type { StoredSession } from '../../src/core/session-state'

const now = 1_700_000_000_000
const nothing: StoredSession = { kind: 'nothing' }

describe('parseStored', () => {
  it.each<[value: unknown, expected: StoredSession]>([
    [undefined, nothing],
    [null, nothing],
    ['{"accessToken":"a"}', nothing],
    [7, nothing],
    [[], nothing],
    [{}, nothing],
    [{ accessToken: 'a b' }, nothing],
    [{ accessToken: '', sessionId: 's' }, nothing],
    [{ sessionId: '' }, nothing],
    [{ sessionId: 7 }, nothing],
    [{ ended: 'true' }, nothing],
    [Object.create({ ended: true, sessionId: 's' }), nothing],
    [{ ended: true }, { kind: 'ended' }],
    [{ ended: true, accessToken: 'a' }, { kind: 'ended' }],
    [{ sessionId: 's' }, { kind: 'elsewhere', sessionId: 's' }],
    [
      { sessionId: 's', accessToken: null },
      { kind: 'elsewhere', sessionId: 's' },
    ],
    [
      { accessToken: 'a', sessionId: 's' },
      { kind: 'tokens', tokens: { accessToken: 'a', sessionId: 's' } },
    ],
    [
      { access_token: 'a', expires_in: 9 },
      { kind: 'tokens', tokens: { accessToken: 'a', expiresAt: now + 9_000 } },
    ],
  ])('S2: %o', (value, expected) => {
    expect(parseStored(value, now)).toEqual(expected)
  })
})
