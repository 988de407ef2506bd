import { parseChallenges } from './challenge'

/** What a resource server's response says of the access token it was sent. */
export type Refusal =
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'refused'
      /** What the next token must be asked for with, exactly as the header has it (Azure: base64 of JSON). */
      readonly claims?: string
    }
  | {
      readonly kind: 'interactionRequired'
      /** RFC 9470: space-separated. */
      readonly acrValues?: string
      /** RFC 9470: seconds. */
      readonly maxAge?: number
    }

const tokenSchemes: readonly string[] = ['bearer', 'dpop', '']

/**
 * R1. Does this response refuse the access token? Only a 401 can, and it does unless its challenge says that another token of the same
 * kind would not help. Of several challenges the first that says more than `invalid_token` decides: where two validators look at one
 * token, it comes from the one that could read it.
 * @param ownScheme what the token was sent with, where that is none of the usual ones
 * @see RFC 6750 §3.1, RFC 9470 §3
 */
export function judgeRefusal(status: number, challenge: string | null | undefined, ownScheme = ''): Refusal {
  if (status !== 401) return { kind: 'accepted' }
  for (const { scheme, params } of parseChallenges(challenge ?? '')) {
    if (!tokenSchemes.includes(scheme) && scheme !== ownScheme.toLowerCase()) continue
    const error = params.get('error')
    if (error === 'insufficient_scope') return { kind: 'accepted' }
    if (error === 'insufficient_user_authentication') return stepUp(params.get('acr_values'), params.get('max_age'))
    const claims = params.get('claims')
    if (error === 'insufficient_claims' && claims) return { kind: 'refused', claims }
  }
  return { kind: 'refused' }
}

const stepUp = (acrValues: string | undefined, maxAge = ''): Refusal => ({
  kind: 'interactionRequired',
  ...(acrValues && { acrValues }),
  ...(/^\d{1,15}$/.test(maxAge) && { maxAge: Number(maxAge) }),
})
