/** What the tutorial keeps in the session cookie. */
export interface Tokens {
  accessToken: string
  refreshToken: string
  accessTokenExpiry: number
}

export async function signInWithPassword(user: unknown, password: unknown): Promise<Tokens> {
  const response = await fetch(`${process.env.AUTH_SERVER_URL}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  })
  const { accessToken, refreshToken, expiresIn } = await response.json()
  return { accessToken, refreshToken, accessTokenExpiry: Date.now() + expiresIn * 1000 }
}

/** The tutorial's refresh: every caller rotates, and whatever goes wrong is the same error. */
export async function refreshAccessToken<Token extends Tokens>(token: Token): Promise<Token & { error?: string }> {
  try {
    const response = await fetch(`${process.env.AUTH_SERVER_URL}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token.refreshToken }),
    })
    const refreshed = await response.json()
    if (!response.ok) throw refreshed
    return {
      ...token,
      accessToken: refreshed.access_token,
      accessTokenExpiry: Date.now() + refreshed.expires_in * 1000,
      refreshToken: refreshed.refresh_token ?? token.refreshToken,
    }
  } catch {
    return { ...token, error: 'RefreshAccessTokenError' }
  }
}
