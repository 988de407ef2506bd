import { base64 } from './base64'

/** What the protected API answers unless it is given a handler: the request as it arrived. Never a token, never a cookie. */
export interface Echo {
  readonly user: string
  readonly method: string
  readonly path: string
  /** With its `?`; empty without one. */
  readonly query: string
  /** All but those that carry secrets. */
  readonly headers: Readonly<Record<string, string>>
  readonly contentType: string | null
  /** As UTF-8. */
  readonly body: string
  /** The same bytes, unharmed. */
  readonly bodyBase64: string
}

/** @param secretHeaders names in lower case that are left out */
export async function echo(request: Request, user: string, secretHeaders: ReadonlySet<string>): Promise<Response> {
  const url = new URL(request.url)
  const bytes = new Uint8Array(await request.arrayBuffer())
  const answer: Echo = {
    user,
    method: request.method,
    path: url.pathname,
    query: url.search,
    headers: Object.fromEntries([...request.headers].filter(([name]) => !secretHeaders.has(name))),
    contentType: request.headers.get('content-type'),
    body: new TextDecoder().decode(bytes),
    bodyBase64: base64(bytes),
  }
  return Response.json(answer)
}
