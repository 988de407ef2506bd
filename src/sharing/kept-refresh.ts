import { ownFields } from '../core/own-fields'
import { parseTokens } from '../core/parse-tokens'
import type { TokenSet } from '../core/token-set'

/** What came of one refresh token, as it is kept for those who come late with it. */
export interface KeptRefresh {
  /** The tokens, by the need they were asked for. */
  readonly tokens: ReadonlyMap<string, TokenSet>
  /** The refresh token that took its place. */
  readonly next?: string | undefined
  /** The authorization server refused it, and said this. */
  readonly rejected?: { readonly status?: number | undefined; readonly oauthError?: string | undefined } | undefined
}

/** @param of whose it is: what was kept for one refresh token must not pass for another's */
export const encodeKept = ({ tokens, next, rejected }: KeptRefresh, of: string): string =>
  JSON.stringify({ of, tokens: [...tokens], next, rejected })

/** X3. `undefined` for what was not kept for this refresh token. Never throws. */
export function decodeKept(text: string, of: string, now: number): KeptRefresh | undefined {
  const fields = ownFields(parse(text))
  if (fields?.get('of') !== of) return undefined
  const [next, rejected] = [fields.get('next'), ownFields(fields.get('rejected'))]
  return {
    tokens: readTokens(fields.get('tokens'), now),
    ...(typeof next === 'string' && { next }),
    ...(rejected && { rejected: readRejection(rejected) }),
  }
}

function readTokens(pairs: unknown, now: number): ReadonlyMap<string, TokenSet> {
  const found = new Map<string, TokenSet>()
  for (const pair of Array.isArray(pairs) ? pairs : []) {
    const [need, value]: unknown[] = Array.isArray(pair) ? pair : []
    const parsed = parseTokens(value, { from: 'storage', now })
    if (typeof need === 'string' && 'tokens' in parsed) found.set(need, parsed.tokens)
  }
  return found
}

function readRejection(fields: ReadonlyMap<string, unknown>): NonNullable<KeptRefresh['rejected']> {
  const [status, oauthError] = [fields.get('status'), fields.get('oauthError')]
  return {
    ...(typeof status === 'number' && { status }),
    ...(typeof oauthError === 'string' && { oauthError }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
