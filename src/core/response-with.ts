/**
 * The same response with another body. What no `Response` of one's own can be given is laid over it and its clones: where it comes
 * from, and a reason phrase beyond Latin-1, as servers that speak to their users send it.
 */
export function responseWith(body: ReadableStream<Uint8Array>, response: Response): Response {
  const { status, statusText, headers, url, redirected } = response
  return laidOver(new Response(body, { status, headers }), { statusText, url, redirected })
}

function laidOver(response: Response, facts: Pick<Response, 'statusText' | 'url' | 'redirected'>): Response {
  return Object.defineProperties(response, {
    statusText: { value: facts.statusText },
    url: { value: facts.url },
    redirected: { value: facts.redirected },
    clone: { value: () => laidOver(Response.prototype.clone.call(response), facts) },
  })
}
