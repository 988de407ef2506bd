import type { ErrorDetails } from '../errors/tokenflight-error'
import { unavailable } from './failed-outcome'
import { isKnownCode, judgeCode } from './judge-code'
import { ownFields } from './own-fields'
import { parseTokens } from './parse-tokens'
import type { RefreshOutcome } from './refresh-outcome'

/**
 * F4, F11. What a refresher's token set or JSON means: tokens, or an OAuth error in their place. What cannot be used is unavailable, but
 * a rotated refresh token in it is not lost.
 * @param sentAt when the request for it was sent (epoch ms)
 */
export function judgeReturned(value: unknown, sentAt: number, details: ErrorDetails = {}): RefreshOutcome {
  const fields = ownFields(value)
  const code = fields?.get('error')
  const failed = isKnownCode(code) ? judgeCode(code, details) : undefined
  if (failed !== undefined) return failed
  const parsed = parseTokens(value, { from: 'refresh', sentAt })
  if ('tokens' in parsed) return { kind: 'refreshed', tokens: parsed.tokens }
  const outcome = unavailable(`The refresh gave no tokens that can be used. ${parsed.error.message}`, details)
  const refreshToken = fields?.get('refreshToken') ?? fields?.get('refresh_token')
  return typeof refreshToken === 'string' && refreshToken !== '' ? { ...outcome, refreshToken } : outcome
}
