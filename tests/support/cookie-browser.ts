import { CookieJar } from 'tough-cookie'

/** What a page can do, with a cookie jar that keeps the rules. */
export interface CookieBrowser {
  /** Relative to the app. Redirects are handed out, as their cookies are kept. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** The cookies as they are now, for a request that was made long ago. */
  snapshot(): string
  /** The names of the cookies that begin so. */
  names(start: string): string[]
  keep(setCookie: readonly string[]): void
  request(path: string, init?: RequestInit, cookies?: string): Request
}

export function cookieBrowser(origin: string, handle: (request: Request) => Promise<Response>): CookieBrowser {
  const jar = new CookieJar()
  const snapshot = (): string => jar.getCookieStringSync(origin)
  const request: CookieBrowser['request'] = (path, init, cookies = snapshot()) => {
    const headers = new Headers(init?.headers)
    headers.set('cookie', cookies)
    return new Request(new URL(path, origin), { ...init, headers })
  }
  const keep = (setCookie: readonly string[]): void => {
    for (const cookie of setCookie) jar.setCookieSync(cookie, origin)
  }
  return {
    snapshot,
    keep,
    request,
    names: (start) =>
      jar
        .getCookiesSync(origin)
        .map(({ key }) => key)
        .filter((name) => name.startsWith(start))
        .sort(),
    async fetch(path, init) {
      const response = await handle(request(path, init))
      keep(response.headers.getSetCookie())
      return response
    },
  }
}
