import { describe, expect, it } from 'vitest'
import { cooldownAfter, retryDelay, takesOutcome } from '../../src/core/refresh-backoff'

describe('cooldownAfter', () => {
  it('F5: nothing after the first failure, then refreshCooldownMs, doubling to 60 s', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 2_000].map((failures) => cooldownAfter(failures, 5_000))).toEqual([
      0, 0, 5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000,
    ])
  })

  it('F5: Retry-After takes its place from the second failure on, at most 5 min', () => {
    expect(cooldownAfter(1, 5_000, 30_000)).toBe(0)
    expect(cooldownAfter(2, 5_000, 30_000)).toBe(30_000)
    expect(cooldownAfter(9, 5_000, 1_000)).toBe(1_000)
    expect(cooldownAfter(2, 5_000, 3_600_000)).toBe(300_000)
  })

  it('F5: a refreshCooldownMs beyond 60 s is kept, and 0 stays 0', () => {
    expect([2, 3].map((failures) => cooldownAfter(failures, 90_000))).toEqual([90_000, 90_000])
    expect(cooldownAfter(2_000, 0)).toBe(0)
  })
})

describe('takesOutcome', () => {
  it('H3: for whoever began to wait before the instant that was left, and not from then on', () => {
    expect([99, 100, 101].map((askedAt) => takesOutcome(100, askedAt, 102))).toEqual([true, false, false])
    expect(takesOutcome(Number.NaN, 0, 0)).toBe(false)
  })

  it('E7: never for longer than five minutes, whatever a wrong clock has left', () => {
    expect([300_000, 300_001, Number.POSITIVE_INFINITY].map((until) => takesOutcome(until, -10_000, 0))).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('retryDelay', () => {
  it('F5: full jitter over a ceiling that doubles from 250 ms to 5 s', () => {
    const delays = (random: number) => [0, 1, 2, 3, 4, 5, 2_000].map((attempt) => retryDelay(attempt, () => random))
    expect(delays(0)).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(delays(0.5)).toEqual([125, 250, 500, 1_000, 2_000, 2_500, 2_500])
  })
})
