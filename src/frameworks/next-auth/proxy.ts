import type { NextMiddleware, NextRequest, NextResponse } from 'next/server'
import { ConfigurationError } from '../../errors/configuration-error'
import type { CookieToSet } from './cookie'
import { forward } from './forward'
import type { Renew } from './renew'
import type { SessionCookie } from './session-cookie'

/** A proxy of the app's own: `undefined` lets the request through. */
export type OwnProxy = (request: NextRequest) => ReturnType<NextMiddleware>

interface Parts {
  readonly cookie: SessionCookie
  readonly renew: Renew
  /** next-auth's own routes. */
  readonly basePath: string
  /** Whether what came of a refresh reaches those who share no memory with the proxy. */
  readonly hasStore: boolean
}

export type SessionProxy = (request: NextRequest, own?: OwnProxy) => Promise<NextResponse>

/** Refreshes ahead, so that server components find a token that is good for a while. */
export const createSessionProxy =
  ({ cookie, renew, basePath, hasStore }: Parts): SessionProxy =>
  async (request, own) => {
    if (!hasStore && Reflect.has(globalThis, 'EdgeRuntime')) throw new ConfigurationError(edgeProblem)
    const internal = internalHeaders(request.headers)
    for (const name of internal) request.headers.delete(name)
    const toSet = isOfUse(request, basePath) ? await renewed(request) : []
    for (const { name, value } of toSet) {
      if (value === '') request.cookies.delete(name)
      else request.cookies.set(name, value)
    }
    const isChanged = internal.length > 0 || toSet.length > 0
    return forward({ request, isChanged, own: (await own?.(request)) ?? undefined, toSet })

    async function renewed({ cookies }: NextRequest): Promise<CookieToSet[]> {
      const sent = cookies.getAll()
      const found = await cookie.find(sent)
      if (!found) return []
      const { jwt, ended } = await renew.refresh(found.jwt)
      if (ended) return cookie.toClear(sent)
      return jwt === found.jwt ? [] : cookie.toSet({ ...found, jwt }, sent)
    }
  }

const edgeProblem =
  "proxy: the Edge runtime shares no memory with next-auth's routes, so both would spend the same refresh token. " +
  "Write `runtime: 'nodejs'` into the config of middleware.ts (Next 15.5), name it proxy.ts (Next 16), or give the option store."

/** How Next's own parts speak to each other. Nobody else may say these. */
const internalHeaders = (headers: Headers): string[] =>
  [...headers.keys()].filter((name) => name.startsWith('x-middleware-') && name !== 'x-middleware-prefetch')

/** next-auth refreshes in its own routes by itself, and a prefetch shows nothing yet (where Next lets a proxy see that it is one). */
function isOfUse({ headers, nextUrl: { pathname } }: NextRequest, basePath: string): boolean {
  if (pathname === basePath || pathname.startsWith(`${basePath}/`) || pathname.startsWith('/_next/')) return false
  return !['purpose', 'sec-purpose', 'x-moz', 'next-router-prefetch', 'x-middleware-prefetch'].some((name) =>
    /prefetch|prerender|^[12]$/.test(headers.get(name) ?? ''),
  )
}
