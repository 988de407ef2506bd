const seconds = /^\d+$/
const httpDate = /^[A-Z][a-z]{2,8},? .+ \d\d:\d\d:\d\d (?:GMT|\d{4})$/

/**
 * `Retry-After` in ms from `now` (epoch ms); never negative. `undefined` where it is neither seconds nor an HTTP date.
 * @see RFC 9110 §10.2.3, and §5.6.7 for the three forms of a date
 */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  const text = value?.trim() ?? ''
  const ms = seconds.test(text) ? Number(text) * 1000 : httpDate.test(text) ? instant(text) - now : Number.NaN
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

// The asctime form ends in its year, names no zone and means UTC; `Date.parse` would read it as local time.
const instant = (date: string): number => Date.parse(date.endsWith('GMT') ? date : `${date} GMT`)
