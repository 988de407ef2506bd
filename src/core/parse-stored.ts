import { ownFields } from './own-fields'
import { parseTokens } from './parse-tokens'
import type { StoredSession } from './session-state'

/**
 * S2, X3. What a storage held, at `now` (epoch ms). What cannot be parsed counts as nothing.
 */
export function parseStored(value: unknown, now: number): StoredSession {
  const fields = ownFields(value)
  if (!fields) return { kind: 'nothing' }
  if (fields.get('ended') === true) return { kind: 'ended' }
  const parsed = parseTokens(value, { from: 'storage', now })
  if ('tokens' in parsed) return { kind: 'tokens', tokens: parsed.tokens }
  const sessionId = fields.get('sessionId')
  const hasAccessToken = (fields.get('accessToken') ?? fields.get('access_token')) != null
  return typeof sessionId === 'string' && sessionId !== '' && !hasAccessToken
    ? { kind: 'elsewhere', sessionId }
    : { kind: 'nothing' }
}
