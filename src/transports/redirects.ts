/** As many as a browser follows. */
const maxRedirects = 20

/** A request in the parts a redirect may change. */
export interface Hop {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  /** Read only when it has to be sent again. */
  body(): Promise<BodyInit | null>
}

/**
 * A5: `fetch` takes `authorization` away when a redirect leads to another origin, but no other header. So with a header of another
 * name redirects are followed here (Fetch standard §4.4), and once the origin changes that header stays away.
 */
export async function followRedirects(
  first: Response,
  hop: Hop,
  names: readonly string[],
  send: (url: string, init: RequestInit) => Promise<Response>,
): Promise<Response> {
  let response = first
  let { url, method } = hop
  const headers = new Headers(hop.headers)
  let body = hop.body
  for (let hops = 0; isRedirect(response); hops += 1) {
    const location = response.headers.get('location')
    if (location === null) return response
    // also where it is not followed: an unread response holds its connection
    await response.body?.cancel()
    if (hops === maxRedirects) throw new TypeError('fetch failed: redirect count exceeded')
    const next = new URL(location, url)
    if (next.protocol !== 'https:' && next.protocol !== 'http:')
      throw new TypeError('fetch failed: a redirect to a scheme that is not HTTP')
    if (next.origin !== new URL(url).origin) {
      for (const name of [...names, 'authorization', 'proxy-authorization', 'cookie', 'host']) headers.delete(name)
    }
    if (becomesGet(response.status, method)) {
      method = 'GET'
      body = async () => null
      for (const name of ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'])
        headers.delete(name)
    }
    url = next.href
    response = await send(url, { method, headers, body: await body(), redirect: 'manual' })
    Object.defineProperty(response, 'redirected', { value: true })
  }
  return response
}

const isRedirect = ({ status }: Response): boolean => [301, 302, 303, 307, 308].includes(status)

const becomesGet = (status: number, method: string): boolean =>
  status === 303 ? method !== 'GET' && method !== 'HEAD' : (status === 301 || status === 302) && method === 'POST'
