import type { NextApiRequest, NextApiResponse } from 'next'
import NextAuth, { type NextAuthOptions } from 'next-auth'

/** next-auth v4's API route, as Next would call it. */
export function withNextAuth4(options: NextAuthOptions): (request: Request) => Promise<Response> {
  const logger = { error() {}, warn() {}, debug() {} }
  return async (request) => {
    const url = new URL(request.url)
    const cookies =
      request.headers
        .get('cookie')
        ?.split('; ')
        .map((pair) => pair.split(/=(.*)/s).slice(0, 2)) ?? []
    const headers = new Headers()
    let status = 200
    let body: string | undefined
    const res = {
      status(given: number) {
        status = given
        return res
      },
      getHeader: (name: string) => (name.toLowerCase() === 'set-cookie' ? headers.getSetCookie() : headers.get(name)),
      setHeader(name: string, value: string | string[]) {
        headers.delete(name)
        for (const one of [value].flat()) headers.append(name, one)
        return res
      },
      json(given: unknown) {
        headers.set('content-type', 'application/json')
        body = JSON.stringify(given)
      },
      send(given: unknown) {
        if (typeof given === 'object') res.json(given)
        else body = String(given)
      },
      end() {},
    }
    const req = {
      method: request.method,
      headers: { ...Object.fromEntries(request.headers), 'x-forwarded-host': url.host, 'x-forwarded-proto': 'http' },
      query: { ...Object.fromEntries(url.searchParams), nextauth: url.pathname.split('/').slice(3) },
      cookies: Object.fromEntries(cookies.map(([name, value]) => [name, decodeURIComponent(value ?? '')])),
      body: await readBody(request),
    }
    await NextAuth(req as unknown as NextApiRequest, res as unknown as NextApiResponse, { ...options, logger })
    return new Response(body, { status, headers })
  }
}

async function readBody(request: Request): Promise<unknown> {
  const text = await request.text()
  const type = request.headers.get('content-type') ?? ''
  return type.includes('json') && text ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text))
}
