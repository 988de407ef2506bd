const name = 'refresh'

/** The refresh token in the request's cookie `refresh`. */
export function refreshTokenInCookie(request: Request): string | undefined {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || undefined
  }
  return undefined
}

/** `Set-Cookie` for a refresh token; `undefined` takes the cookie away. `Secure` where the request came by https. */
export function refreshCookie(request: Request, refreshToken: string | undefined): string {
  const life = refreshToken === undefined ? '; Max-Age=0' : ''
  const secure = request.url.startsWith('https:') ? '; Secure' : ''
  return `${name}=${refreshToken ?? ''}; Path=/; HttpOnly; SameSite=Lax${secure}${life}`
}
