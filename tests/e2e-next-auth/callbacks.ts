/** What next-auth's cookie holds in these tests. */
export interface Jwt {
  accessToken?: string
  refreshToken?: string
  accessTokenExpiry?: number
  accessTokenIssuedAt?: number
  sessionId?: string
  error?: string
}

interface TokenAnswer {
  access_token: string
  refresh_token: string
  expires_in: number
}

interface Asked {
  readonly token: Jwt
  readonly user: object | undefined
  readonly isAsked: boolean
  readonly refresh: (refreshToken: string) => Promise<Response>
}

/** A `jwt` callback that refreshes only when it is asked to, and shares nothing: what is counted is what pages ask for. */
export async function freshTokens({ token, user, isAsked, refresh }: Asked): Promise<Jwt> {
  if (user) return { ...token, ...fieldsOf(user as TokenAnswer), sessionId: crypto.randomUUID() }
  if (!isAsked) return token
  const response = await refresh(token.refreshToken ?? '')
  if (response.status === 400) return { ...token, error: 'RefreshTokenRejected' }
  if (!response.ok) return token
  return { ...token, ...fieldsOf(await response.json()) }
}

function fieldsOf({ access_token, refresh_token, expires_in }: TokenAnswer): Jwt {
  const now = Date.now()
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    accessTokenIssuedAt: now,
    accessTokenExpiry: now + expires_in * 1000,
  }
}

/** A `session` callback: everything but the refresh token. */
export function shown({ session, token }: { session: object; token: Jwt }): object {
  const { accessToken, accessTokenExpiry, accessTokenIssuedAt, sessionId, error } = token
  return { ...session, accessToken, accessTokenExpiry, accessTokenIssuedAt, sessionId, error }
}
