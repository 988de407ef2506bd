import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expiringAt, freshness } from '../../src/core/freshness'

const windows = { refreshAheadMs: 60_000, minValidityMs: 5_000 }
const issuedAt = 1_700_000_000_000
const hour = 3_600_000

describe('freshness', () => {
  it.each([
    [60_001, 'fresh'],
    [60_000, 'fresh'],
    [59_999, 'expiring'],
    [5_000, 'expiring'],
    [4_999, 'expired'],
    [0, 'expired'],
    [-1, 'expired'],
  ])('E2: with %i ms left a token is %s', (left, expected) => {
    const expiresAt = issuedAt + hour
    expect(freshness({ accessToken: 'a', expiresAt, issuedAt }, expiresAt - left, windows)).toBe(expected)
    expect(freshness({ accessToken: 'a', expiresAt }, expiresAt - left, windows)).toBe(expected)
  })

  it('E2: a token whose expiry nobody knows is fresh', () => {
    expect(freshness({ accessToken: 'a' }, issuedAt, windows)).toBe('fresh')
    expect(freshness({ accessToken: 'a', issuedAt }, issuedAt + hour, windows)).toBe('fresh')
  })

  it.each([
    { lifetime: 2_000, should: 500, must: 200 },
    { lifetime: 30_000, should: 7_500, must: 3_000 },
    { lifetime: 50_000, should: 12_500, must: 5_000 },
    { lifetime: 240_000, should: 60_000, must: 5_000 },
    { lifetime: 300_000, should: 60_000, must: 5_000 },
  ])(
    'E3: the windows shrink to $should and $must ms for a token that lives $lifetime ms',
    ({ lifetime, should, must }) => {
      const expiresAt = issuedAt + lifetime
      const withLeft = (left: number) => freshness({ accessToken: 'a', expiresAt, issuedAt }, expiresAt - left, windows)
      expect([should, should - 1, must, must - 1].map(withLeft)).toEqual(['fresh', 'expiring', 'expiring', 'expired'])
      expect(withLeft(lifetime)).toBe('fresh')
    },
  )

  it('E3: the windows do not shrink where the lifetime is not known', () => {
    expect(freshness({ accessToken: 'a', expiresAt: issuedAt + 2_000 }, issuedAt, windows)).toBe('expired')
  })

  it('E3: a lifetime that makes no sense never makes an expired token fresh', () => {
    const expiresAt = issuedAt - hour
    expect(freshness({ accessToken: 'a', expiresAt, issuedAt }, expiresAt, windows)).toBe('expired')
    expect(freshness({ accessToken: 'a', expiresAt, issuedAt }, expiresAt - 1, windows)).toBe('fresh')
  })

  it('E2: windows of 0 leave only the expiry itself', () => {
    const none = { refreshAheadMs: 0, minValidityMs: 0 }
    expect(freshness({ accessToken: 'a', expiresAt: issuedAt + 1 }, issuedAt, none)).toBe('fresh')
    expect(freshness({ accessToken: 'a', expiresAt: issuedAt }, issuedAt, none)).toBe('expired')
  })

  it('E7: a clock turned back leaves the token fresh', () => {
    expect(freshness({ accessToken: 'a', expiresAt: issuedAt + hour, issuedAt }, issuedAt - hour, windows)).toBe(
      'fresh',
    )
  })
})

describe('expiringAt', () => {
  it('E5: is the last instant at which a token is fresh', () => {
    const durations = fc.record({ refreshAheadMs: fc.integer({ min: 1, max: hour }), minValidityMs: fc.nat(hour) })
    fc.assert(
      fc.property(
        durations,
        fc.integer({ min: 1, max: 100_000 }).map((n) => 20 * n),
        fc.boolean(),
        (windows, lifetime, known) => {
          const token = { accessToken: 'a', expiresAt: issuedAt + lifetime, ...(known && { issuedAt }) }
          const at = expiringAt(token, windows) ?? Number.NaN
          expect(freshness(token, at, windows)).toBe('fresh')
          expect(freshness(token, at + 1, windows)).not.toBe('fresh')
        },
      ),
    )
  })

  it('E5: is not known where the expiry is not', () => {
    expect(expiringAt({ accessToken: 'a', issuedAt }, windows)).toBeUndefined()
  })
})
