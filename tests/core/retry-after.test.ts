import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { parseRetryAfter } from '../../src/core/retry-after'

const now = Date.UTC(1994, 10, 6, 8, 49, 0)

describe('parseRetryAfter', () => {
  it.each<[value: string | null | undefined, ms: number | undefined]>([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
    ['Sun Nov  6 08:49:37 1994', 37_000],
    ['Sun, 06 Nov 1994 08:48:00 GMT', 0],
    [null, undefined],
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['Infinity', undefined],
    ['9'.repeat(400), undefined],
    ['1994-11-06', undefined],
    ['May 5', undefined],
    ['Sun, 99 Foo 1994 08:49:37 GMT', undefined],
  ])('F5: %s is %s ms away', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms)
  })

  it('F5: a date without a zone is UTC, wherever we are', () => {
    vi.stubEnv('TZ', 'America/New_York')
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    expect(new Date(now).getHours()).toBe(3)
    expect(parseRetryAfter('Sun Nov  6 08:49:37 1994', now)).toBe(37_000)
  })

  it('F5: is finite and never negative', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.integer().map(String),
          fc.date({ noInvalidDate: true }).map((at) => at.toUTCString()),
        ),
        (value) => {
          const ms = parseRetryAfter(value, now)
          if (ms !== undefined) expect(ms).toSatisfy((n: number) => Number.isFinite(n) && n >= 0)
        },
      ),
    )
  })
})
