import type { MaybePromise } from '../../core/maybe-promise'
import { type ChallengeStyle, challenge, type Refusal } from './challenge'
import { echo } from './echo'
import type { WritableServerCounts } from './server-counts'
import type { ExchangeNotes } from './server-exchange'
import type { TokenFamilies } from './token-families'

/** What the protected API does with a request that it let in. */
export type ApiHandler = (request: Request, context: { readonly user: string }) => MaybePromise<Response>

export interface ProtectedApiOptions {
  readonly families: TokenFamilies
  readonly counts: WritableServerCounts
  readonly style: ChallengeStyle
  readonly header: string
  readonly scheme: string
  readonly handler: ApiHandler | undefined
}

export interface ProtectedApi {
  handle(request: Request, notes: ExchangeNotes): Promise<Response>
  /** The refusal of a token that would be accepted. */
  refuse(): Response
}

export function createProtectedApi({
  families,
  counts,
  style,
  header,
  scheme,
  handler,
}: ProtectedApiOptions): ProtectedApi {
  const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', header.toLowerCase()])

  function accessTokenOf(request: Request): string | undefined {
    const value = request.headers.get(header)?.trim()
    if (!value) return undefined
    if (scheme === '') return value
    const start = `${scheme} `.toLowerCase()
    return value.toLowerCase().startsWith(start) ? value.slice(start.length).trim() : undefined
  }

  function refuse(refusal: Refusal): Response {
    counts.api.refused += 1
    return challenge(style, refusal)
  }

  return {
    refuse: () => refuse({ reason: 'refused' }),
    async handle(request, notes) {
      const judgement = families.judge(accessTokenOf(request))
      if (judgement.user !== undefined) notes.user = judgement.user
      if (judgement.label !== undefined) notes.shown = judgement.label
      if (!judgement.accepted) {
        notes.refusal = judgement.reason
        return refuse(judgement)
      }
      counts.api.accepted += 1
      const { user } = judgement
      return handler === undefined ? echo(request, user, secretHeaders) : handler(request, { user })
    },
  }
}
