import type { NextRequest, NextResponse } from 'next/server'
import type { CookieToSet } from './cookie'
import { setAmongNextCookies } from './next-cookies'

interface Forwarding {
  /** With its new cookies. */
  readonly request: NextRequest
  /** Does it differ from the one that came? */
  readonly isChanged: boolean
  /** What the app's own proxy answered. */
  readonly own: Response | undefined
  readonly toSet: readonly CookieToSet[]
}

/**
 * What Next is to do with a request: what the app's own proxy says, with the cookies written twice. The request that goes on carries
 * them for the components that render it, and the answer brings them to the browser.
 */
export async function forward({ request, isChanged, own, toSet }: Forwarding): Promise<NextResponse> {
  const { NextResponse } = await import('next/server.js')
  const response = own ? asNextResponse(own, NextResponse) : NextResponse.next()
  if (isChanged && goesOn(response)) {
    overrideHeaders(response.headers, NextResponse.next({ request: { headers: request.headers } }).headers)
  }
  for (const { name, value, attributes } of toSet) response.cookies.set(name, value, attributes)
  await setAmongNextCookies(toSet)
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
