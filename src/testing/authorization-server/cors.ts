/** What a browser needs to call the server from a page of another origin, cookies included. */
export interface Cors {
  /** The answer to a preflight request; `undefined` for every other. */
  preflight(request: Request): Response | undefined
  /** Adds what lets the page read the answer. */
  allow(request: Request, response: Response): Response
}

/** Lets in every origin that `allows`. */
export function createCors(allows: (origin: string) => boolean): Cors {
  const allowedOrigin = (request: Request): string | undefined => {
    const origin = request.headers.get('origin')
    return origin !== null && allows(origin) ? origin : undefined
  }
  return {
    preflight(request) {
      const method = request.headers.get('access-control-request-method')
      if (request.method !== 'OPTIONS' || method === null) return undefined
      const origin = allowedOrigin(request)
      if (origin === undefined) return new Response(null, { status: 403 })
      const headers = new Headers({
        'access-control-allow-methods': method,
        'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '',
        'access-control-max-age': '600',
      })
      return new Response(null, { status: 204, headers: withOrigin(headers, origin) })
    },
    allow(request, response) {
      const origin = allowedOrigin(request)
      if (origin === undefined) return response
      const headers = new Headers(response.headers)
      headers.set('access-control-expose-headers', 'www-authenticate, retry-after')
      const { status, statusText } = response
      return new Response(response.body, { status, statusText, headers: withOrigin(headers, origin) })
    },
  }
}

function withOrigin(headers: Headers, origin: string): Headers {
  headers.set('access-control-allow-origin', origin)
  headers.set('access-control-allow-credentials', 'true')
  headers.append('vary', 'Origin')
  return headers
}
