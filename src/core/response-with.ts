/** What there is of a response besides its body. */
export type ResponseHead = Pick<Response, 'status' | 'statusText' | 'headers' | 'type' | 'url' | 'redirected'>

/**
 * The same response with another body. What no `Response` of one's own can be given is laid over it and its clones: where it comes
 * from, and a reason phrase beyond Latin-1, as servers that speak to their users send it.
 */
export function responseWith(body: ReadableStream<Uint8Array>, head: ResponseHead): Response {
  const { status, headers } = head
  return laidOver(new Response(body, { status, headers }), head)
}

function laidOver(response: Response, head: ResponseHead): Response {
  return Object.defineProperties(response, {
    statusText: { value: head.statusText },
    type: { value: head.type },
    url: { value: head.url },
    redirected: { value: head.redirected },
    clone: { value: () => laidOver(Response.prototype.clone.call(response), head) },
  })
}
