import type { NextRequest, NextResponse } from 'next/server'
import type { CookieToSet } from './cookie'

/**
 * What Next is to do with a request: what the app's own proxy says, with the cookies written twice. The request that goes on carries
 * them for the components that render it, and the answer brings them to the browser.
 */
export async function forward(
  request: NextRequest,
  own: Response | undefined,
  toSet: readonly CookieToSet[],
): Promise<NextResponse> {
  const { NextResponse } = await import('next/server.js')
  const passOn = NextResponse.next({ request: { headers: request.headers } })
  const response = own ? asNextResponse(own, NextResponse) : passOn
  if (goesOn(response)) overrideHeaders(response.headers, passOn.headers)
  for (const { name, value, attributes } of toSet) response.cookies.set(name, value, attributes)
  return response
}

const asNextResponse = (response: Response, Next: typeof NextResponse): NextResponse =>
  response instanceof Next ? response : new Next(response.body, response)

/** Does the request go on to a page or a route, and not end here? */
const goesOn = ({ headers }: Response): boolean =>
  headers.has('x-middleware-next') || headers.has('x-middleware-rewrite')

const overridden = 'x-middleware-override-headers'

/** Where the app's proxy has said which headers go on, they stay: it has seen the new cookies. Else those of the request. */
function overrideHeaders(headers: Headers, ofRequest: Headers): void {
  if (headers.has(overridden)) return
  for (const [name, value] of ofRequest) {
    if (name === overridden || name.startsWith('x-middleware-request-')) headers.set(name, value)
  }
}
