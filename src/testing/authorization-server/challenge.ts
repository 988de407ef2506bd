import type { RefusalReason } from './token-families'

/** Why the protected API does not let a request in. */
export interface Refusal {
  readonly reason: RefusalReason
  /** When the token expired (epoch ms), where that is the reason. */
  readonly expiredAt?: number
}

/**
 * How the protected API says no, always with status 401. `aspnet`: as ASP.NET Core's JwtBearer, empty body · `plain`: RFC 6750 ·
 * `bare`: `Bearer` and nothing else · `none`: no header, empty body · `json`: no header, `{"error":"token expired"}` ·
 * or a function that answers what it likes.
 */
export type ChallengeStyle = 'aspnet' | 'plain' | 'bare' | 'none' | 'json' | ((refusal: Refusal) => Response)

/** The answer to a request without an acceptable access token. */
export function challenge(style: ChallengeStyle, refusal: Refusal): Response {
  switch (style) {
    case 'aspnet':
      return unauthorized(aspnetChallenge(refusal))
    case 'plain':
      return unauthorized(plainChallenge(refusal))
    case 'bare':
      return unauthorized('Bearer')
    case 'none':
      return new Response(null, { status: 401 })
    case 'json': {
      const error = refusal.reason === 'expired' ? 'token expired' : 'authentication failed'
      return Response.json({ error }, { status: 401 })
    }
    default:
      return style(refusal)
  }
}

const unauthorized = (wwwAuthenticate: string): Response =>
  new Response(null, { status: 401, headers: { 'www-authenticate': wwwAuthenticate } })

function plainChallenge({ reason }: Refusal): string {
  if (reason === 'missing') return 'Bearer realm="api"'
  const description = reason === 'expired' ? 'The access token expired' : 'The access token is invalid'
  return `Bearer realm="api", error="invalid_token", error_description="${description}"`
}

/** @see https://github.com/dotnet/aspnetcore/blob/main/src/Security/Authentication/JwtBearer/src/JwtBearerHandler.cs */
function aspnetChallenge({ reason, expiredAt }: Refusal): string {
  if (reason === 'missing') return 'Bearer'
  return `Bearer error="invalid_token", error_description="${aspnetDescription(reason, expiredAt)}"`
}

function aspnetDescription(reason: RefusalReason, expiredAt: number | undefined): string {
  if (reason === 'expired' && expiredAt !== undefined) return `The token expired at '${invariantDate(expiredAt)}'`
  return reason === 'unknown' ? 'The signature is invalid' : 'The signature key was not found'
}

/** .NET's invariant culture: UTC, and no zone that says so. */
function invariantDate(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T')
  const [year, month, day] = date.split('-')
  return `${month}/${day}/${year} ${time.slice(0, 8)}`
}
