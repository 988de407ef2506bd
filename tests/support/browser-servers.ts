import type { TestProject } from 'vitest/node'
import { type FakeAuthorizationServer, fakeAuthorizationServer, type Served, serve } from '../../src/testing'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where tests in a browser order servers and command them. */
    controlUrl: string
  }
}

/** What a page asks of this process. */
type Order =
  | { readonly start: Parameters<typeof fakeAuthorizationServer>[0] }
  | { readonly url: string; readonly command: 'signIn' | 'expireAccessTokens' | 'refuseAccessTokens' | 'counts' }

/** A page cannot listen: it orders fake servers here, each on a port of its own, and commands them by their URL. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = new Map<string, { readonly server: FakeAuthorizationServer; readonly served: Served }>()

  async function obey(order: Order): Promise<unknown> {
    if ('start' in order) {
      const server = fakeAuthorizationServer({ cors: true, api: redirecting, ...order.start })
      const served = await serve(server.handle)
      servers.set(served.url, { server, served })
      return served.url
    }
    const server = servers.get(order.url)?.server
    return order.command === 'counts' ? server?.counts : server?.[order.command]()
  }

  const control = await serve(async (request) => {
    const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
    if (request.method === 'OPTIONS') return new Response(null, { headers })
    return Response.json((await obey(await request.json())) ?? null, { headers })
  })
  project.provide('controlUrl', control.url)
  return async () => {
    await Promise.all([control.close(), ...[...servers.values()].map(({ served }) => served.close())])
  }
}

/** Sends to wherever the query says, else answers with what it was sent. */
async function redirecting(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  const to = searchParams.get('to')
  if (to !== null) return new Response(null, { status: 302, headers: { location: to } })
  const { method, headers } = request
  return Response.json({ path: pathname, method, body: await request.text(), referrer: headers.get('referer') })
}
