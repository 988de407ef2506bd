import 'next/dist/server/node-environment-baseline.js'
import { cookies } from 'next/headers.js'
import { NextRequest, NextResponse } from 'next/server.js'

// After its surroundings, which the first import makes.
export { cookies, NextRequest, NextResponse }

const { workAsyncStorage } = await import('next/dist/server/app-render/work-async-storage.external.js')
const { workUnitAsyncStorage } = await import('next/dist/server/app-render/work-unit-async-storage.external.js')
const { createRequestStoreForAPI } = await import('next/dist/server/async-storage/request-store.js')
const { appendMutableCookies } = await import('next/dist/server/web/spec-extension/adapters/request-cookies.js')

type WorkStore = NonNullable<ReturnType<typeof workAsyncStorage.getStore>>
type RequestStoreParameters = Parameters<typeof createRequestStoreForAPI>

/** Next's own storage of a request around `run`: in `handler`, cookies can be written; in `component`, not. */
export async function inNext<T>(
  where: 'handler' | 'component',
  request: Request,
  run: (request: NextRequest) => Promise<T>,
): Promise<{ readonly result: T; readonly setCookie: string[] }> {
  const next = new NextRequest(request)
  const work = { route: '/', forceStatic: false, dynamicShouldError: false } as WorkStore
  const store = createRequestStoreForAPI(
    next,
    next.nextUrl,
    [] as unknown as RequestStoreParameters[2],
    undefined,
    undefined as RequestStoreParameters[4],
    undefined,
  )
  store.phase = where === 'handler' ? 'action' : 'render'
  const result = await workAsyncStorage.run(work, () => workUnitAsyncStorage.run(store, () => run(next)))
  const headers = new Headers()
  if (where === 'handler') appendMutableCookies(headers, store.mutableCookies)
  return { result, setCookie: headers.getSetCookie() }
}

/** A route handler's answer, with the cookies that were set by the way, as Next merges them. */
export async function asRouteHandler(
  request: Request,
  handle: (request: NextRequest) => Promise<Response>,
): Promise<Response> {
  const next = new NextRequest(request)
  const { result, setCookie } = await inNext('handler', next, handle)
  const own = new Set(result.headers.getSetCookie().map(nameOf))
  const headers = new Headers(result.headers)
  for (const cookie of setCookie) if (!own.has(nameOf(cookie))) headers.append('set-cookie', cookie)
  return new Response(result.body, { status: result.status, headers })
}

const nameOf = (cookie: string): string => cookie.slice(0, cookie.indexOf('='))
