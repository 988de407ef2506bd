import { parseStored } from '../core/parse-stored'
import type { RefreshOutcome } from '../core/refresh-outcome'
import { RefreshRejectedError } from '../errors/refresh-rejected-error'

/** Outcomes that stay true for a refresh token that was used: new tokens, or its rejection. */
export type LastingOutcome = Extract<RefreshOutcome, { readonly kind: 'refreshed' | 'rejected' }>

export const isLasting = (outcome: RefreshOutcome): outcome is LastingOutcome =>
  outcome.kind === 'refreshed' || outcome.kind === 'rejected'

/** @param of whose outcome it is: what was kept for one token must not pass for another's */
export function encodeOutcome(outcome: LastingOutcome, of: string): string {
  if (outcome.kind === 'refreshed') return JSON.stringify({ of, tokens: outcome.tokens })
  const { status, oauthError } = outcome.error
  return JSON.stringify({ of, rejected: { status, oauthError } })
}

/** X3. `undefined` for what is not the outcome of this token. Never throws. */
export function decodeOutcome(text: string, of: string, now: number): LastingOutcome | undefined {
  const kept = parse(text)
  if (kept?.['of'] !== of) return undefined
  const found = parseStored(kept['tokens'], now)
  if (found.kind === 'tokens') return { kind: 'refreshed', tokens: found.tokens, attempts: 0 }
  const { rejected } = kept
  if (!isRecord(rejected)) return undefined
  const { status, oauthError } = rejected
  return rejection('The authorization server has rejected this refresh token a moment ago.', {
    status: typeof status === 'number' ? status : undefined,
    oauthError: typeof oauthError === 'string' ? oauthError : undefined,
  })
}

export const rejection = (
  message: string,
  details?: { readonly status: number | undefined; readonly oauthError: string | undefined },
): LastingOutcome => ({ kind: 'rejected', error: new RefreshRejectedError(message, details), attempts: 0 })

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
