import type { TokenResponse } from '../../core/token-set'
import { formOrJson, type SentFields } from './form-or-json'
import { refreshCookie, refreshTokenInCookie } from './refresh-cookie'
import type { WritableServerCounts } from './server-counts'
import type { ExchangeNotes, ServerRoute } from './server-exchange'
import type { Grant, TokenFamilies } from './token-families'

export interface TokenEndpointOptions {
  readonly families: TokenFamilies
  readonly counts: WritableServerCounts
  readonly expiresInSeconds: number
  /** Where `login` puts the refresh token. */
  readonly refreshTokenIn: 'body' | 'cookie'
  /** Makes the JSON of an answer with tokens. */
  readonly answer: ((tokens: TokenResponse) => unknown) | undefined
}

/** What issues and ends tokens. */
export interface TokenEndpoints {
  refresh(request: Request, route: ServerRoute, notes: ExchangeNotes): Promise<Response>
  login(request: Request, notes: ExchangeNotes): Promise<Response>
  logout(request: Request, notes: ExchangeNotes): Promise<Response>
  revoke(request: Request, notes: ExchangeNotes): Promise<Response>
  endSession(request: Request): Response
  /** The tokens as the token endpoint writes them (RFC 6749 §5.1). */
  wire(grant: Grant): TokenResponse
}

/** `invalid_grant`: 400 by RFC 6749 §5.2; 401 where a cookie is the credential, since that is an app's own endpoint. */
export const invalidGrant = (route: ServerRoute): Response =>
  oauthError('invalid_grant', route === 'refresh' ? 401 : 400)

const oauthError = (error: string, status = 400): Response => Response.json({ error }, { status, headers: noStore })

const noStore = { 'cache-control': 'no-store' }

export function createTokenEndpoints(options: TokenEndpointOptions): TokenEndpoints {
  const { families, counts, expiresInSeconds, refreshTokenIn, answer } = options

  const wire = ({ accessToken, refreshToken }: Grant): TokenResponse => ({
    token_type: 'Bearer',
    access_token: accessToken,
    expires_in: expiresInSeconds,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  })

  function tokensAnswer(request: Request, grant: Grant, carrier: 'body' | 'cookie', camel: boolean): Response {
    const inCookie = carrier === 'cookie' ? grant.refreshToken : undefined
    const tokens = wire(inCookie === undefined ? grant : { ...grant, refreshToken: undefined })
    const headers = new Headers(noStore)
    if (inCookie !== undefined) headers.set('set-cookie', refreshCookie(request, inCookie))
    return Response.json(answer?.(tokens) ?? (camel ? camelCase(tokens) : tokens), { headers })
  }

  return {
    wire,
    async refresh(request, route, notes) {
      const sent = await formOrJson(request)
      if (sent === undefined) return oauthError('invalid_request')
      const grantType = sent.field('grant_type')
      if (grantType !== undefined && grantType !== 'refresh_token') return oauthError('unsupported_grant_type')
      const camel = sent.field('refresh_token') === undefined
      if (route === 'token' && !camel && grantType === undefined) return oauthError('invalid_request')
      const inBody = refreshTokenInBody(sent)
      const refreshToken = inBody ?? (route === 'refresh' ? refreshTokenInCookie(request) : undefined)
      if (refreshToken === undefined) return route === 'refresh' ? invalidGrant(route) : oauthError('invalid_request')

      const { grant, reused, familyRevoked, user, label } = families.exchange(refreshToken)
      note(notes, user, label)
      if (reused) counts.reused += 1
      if (familyRevoked) counts.familiesRevoked += 1
      if (grant === undefined) {
        counts.rejected += 1
        return invalidGrant(route)
      }
      counts.refreshes += 1
      notes.issued = grant.label
      return tokensAnswer(request, grant, inBody === undefined ? 'cookie' : 'body', camel)
    },
    async login(request, notes) {
      const sent = await formOrJson(request)
      if (sent === undefined) return oauthError('invalid_request')
      const grant = families.signIn(sent.field('user') ?? 'user')
      notes.user = grant.user
      notes.issued = grant.label
      return tokensAnswer(request, grant, refreshTokenIn, true)
    },
    async logout(request, notes) {
      const sent = await formOrJson(request)
      const refreshToken = (sent && refreshTokenInBody(sent)) ?? refreshTokenInCookie(request)
      if (refreshToken !== undefined) {
        const { familiesRevoked, user, label } = families.revokeToken(refreshToken)
        counts.familiesRevoked += familiesRevoked
        note(notes, user, label)
      }
      return new Response(null, { status: 204, headers: { 'set-cookie': refreshCookie(request, undefined) } })
    },
    async revoke(request, notes) {
      const token = (await formOrJson(request))?.field('token')
      if (token === undefined) return oauthError('invalid_request')
      const { familiesRevoked, user, label } = families.revokeToken(token)
      counts.revocations += 1
      counts.familiesRevoked += familiesRevoked
      note(notes, user, label)
      return new Response(null, { headers: noStore })
    },
    endSession(request) {
      counts.endSessions += 1
      const { searchParams } = new URL(request.url)
      const target = searchParams.get('post_logout_redirect_uri')
      const headers = new Headers({ 'set-cookie': refreshCookie(request, undefined) })
      if (target === null || !URL.canParse(target)) return new Response('You are signed out.', { headers })
      const location = new URL(target)
      const state = searchParams.get('state')
      if (state !== null) location.searchParams.set('state', state)
      headers.set('location', location.href)
      return new Response(null, { status: 302, headers })
    },
  }
}

const refreshTokenInBody = (sent: SentFields): string | undefined =>
  sent.field('refresh_token') ?? sent.field('refreshToken')

function note(notes: ExchangeNotes, user: string | undefined, shown: string | undefined): void {
  if (user !== undefined) notes.user = user
  if (shown !== undefined) notes.shown = shown
}

const camelCase = (tokens: TokenResponse): Record<string, unknown> => ({
  tokenType: tokens.token_type,
  accessToken: tokens.access_token,
  expiresIn: tokens.expires_in,
  refreshToken: tokens.refresh_token,
})
