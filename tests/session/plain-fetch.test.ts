import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { RefreshContext } from '../../src'
import { serve } from '../../src/testing'
import { outcome, startSession, wireTokens } from '../support/start-session'

const mebibyte = 1024 * 1024

/** A server with redirects and bodies of any size, and what came of one use of the refresher's `fetch`. */
async function usingPlainFetch<T>(use: (context: RefreshContext) => Promise<T>) {
  const asked: string[] = []
  const elsewhere = await serve(async (request) => {
    asked.push(`elsewhere ${new URL(request.url).pathname}`)
    return Response.json(wireTokens(9))
  })
  const there = await serve(async (request) => {
    const url = new URL(request.url)
    asked.push(url.pathname)
    const status = url.searchParams.get('redirect')
    if (status) return new Response(null, { status: Number(status), headers: { location: `${elsewhere.url}/target` } })
    const bytes = Number(url.searchParams.get('bytes') ?? 0)
    return new Response('x'.repeat(bytes), { headers: { 'x-size': `${bytes}` } })
  })
  let result: Promise<T> | undefined
  const { auth } = await startSession({
    client: {
      baseUrl: `${there.url}/base`,
      fetch: undefined,
      refreshRetries: 0,
      refresh: (context) => {
        result = use(context)
        return result as never
      },
    },
  })
  const refreshed = await auth.getAccessToken({ forceRefresh: true }).catch((error: unknown) => error)
  const used = result ? outcome(result) : undefined
  await result?.catch(() => {})
  await Promise.all([there.close(), elsewhere.close()])
  return { asked, refreshed, value: used?.value, error: used?.error }
}

describe("a refresher's fetch", () => {
  it.each([301, 302, 303, 307, 308])('X4: refuses a redirect with %d', async (status) => {
    const { asked, error, refreshed } = await usingPlainFetch(({ fetch }) => fetch(`/token?redirect=${status}`))
    expect(error).toBeInstanceOf(TypeError)
    expect(asked).toEqual(['/base/token'])
    expect(refreshed).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
  })

  it.each([
    [
      'an init without a word of it',
      (context: RefreshContext) => context.fetch('/token?redirect=307', { method: 'POST', body: 'b' }),
    ],
    [
      'an init that leaves it undefined',
      (context: RefreshContext) => context.fetch('/token?redirect=307', { redirect: undefined } as object),
    ],
  ])('X4: refuses it with %s', async (_, use) => {
    const { asked, error } = await usingPlainFetch(use)
    expect(error).toBeInstanceOf(TypeError)
    expect(asked).toEqual(['/base/token'])
  })

  it('X4: refuses it for a Request too', async () => {
    let url = ''
    const server = await serve(async (request) => {
      url = request.url
      return new Response(null, { status: 302, headers: { location: '/elsewhere' } })
    })
    const { error } = await usingPlainFetch(({ fetch }) => fetch(new Request(`${server.url}/token`)))
    await server.close()
    expect(error).toBeInstanceOf(TypeError)
    expect(new URL(url).pathname).toBe('/token')
  })

  it('X4: follows it where the refresher says so', async () => {
    const { asked, refreshed } = await usingPlainFetch(({ fetch }) =>
      fetch('/token?redirect=307', { redirect: 'follow' }),
    )
    expect(asked).toEqual(['/base/token', 'elsewhere /target'])
    expect(refreshed).toBe('access-9')
  })

  it('X4: gives it back unfollowed where the refresher says so, in an init or in its Request', async () => {
    const byInit = await usingPlainFetch(({ fetch }) => fetch('/token?redirect=302', { redirect: 'manual' }))
    expect([byInit.value?.status, byInit.asked]).toEqual([302, ['/base/token']])
    const server = await serve(async () => new Response(null, { status: 302, headers: { location: '/elsewhere' } }))
    const byRequest = await usingPlainFetch(({ fetch }) => fetch(new Request(server.url, { redirect: 'manual' })))
    await server.close()
    expect(byRequest.value?.status).toBe(302)
  })

  it('X4, F4: takes an answer whose reason phrase is not ASCII, as servers that speak French send it', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, 'Réussi', { 'content-type': 'application/json' })
      response.end(JSON.stringify(wireTokens(9)))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const { refreshed } = await usingPlainFetch(({ fetch }) => fetch(`http://127.0.0.1:${port}/token`))
    server.closeAllConnections()
    server.close()
    expect(refreshed).toBe('access-9')
  })

  it('X4: reads one megabyte', async () => {
    const { value, error } = await usingPlainFetch(async ({ fetch }) => {
      const response = await fetch(`/token?bytes=${mebibyte}`)
      return (await response.text()).length
    })
    expect([value, error]).toEqual([mebibyte, undefined])
  })

  it('X4: and no more: reading on fails', async () => {
    const { error, refreshed } = await usingPlainFetch(async ({ fetch }) => {
      const response = await fetch(`/token?bytes=${mebibyte + 1}`)
      return (await response.text()).length
    })
    expect(error).toBeInstanceOf(TypeError)
    expect(refreshed).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
  })

  it('X4: an endless answer that is returned unread ends too', async () => {
    const endless = (): Response =>
      new Response(
        new ReadableStream({
          pull(controller) {
            read += 64 * 1024
            controller.enqueue(new Uint8Array(64 * 1024))
          },
        }),
      )
    let read = 0
    const session = await startSession({
      client: { refreshRetries: 0, fetch: async () => endless(), refresh: ({ fetch }) => fetch('/token') },
    })
    await expect(session.auth.getAccessToken({ forceRefresh: true })).rejects.toMatchObject({
      code: 'AUTH_REFRESH_UNAVAILABLE',
    })
    expect(read).toBeLessThan(2 * mebibyte)
    read = 0
    const own = await startSession({ client: { refreshRetries: 0, refresh: () => endless() } })
    await expect(own.auth.getAccessToken({ forceRefresh: true })).rejects.toMatchObject({
      code: 'AUTH_REFRESH_UNAVAILABLE',
    })
    expect(read).toBeLessThan(2 * mebibyte)
  })

  it('X4: keeps what a refresher may look at: status, headers and URL', async () => {
    const { value, asked } = await usingPlainFetch(async ({ fetch }) => {
      const response = await fetch('token?bytes=3')
      const { status, ok, url } = response
      return {
        status,
        ok,
        path: new URL(url).pathname,
        size: response.headers.get('x-size'),
        text: await response.text(),
      }
    })
    expect(value).toEqual({ status: 200, ok: true, path: '/base/token', size: '3', text: 'xxx' })
    expect(asked).toEqual(['/base/token'])
  })

  it('X4: carries no access token, and is the fetch of that moment', async () => {
    const authorizations: (string | null)[] = []
    const { auth } = await startSession({
      client: {
        fetch: async (input, init) => {
          authorizations.push(new Request(input, init).headers.get('authorization'))
          return Response.json(wireTokens(2))
        },
        refresh: ({ fetch, tokens }) => {
          expect(tokens.accessToken).toBeDefined()
          return fetch('/token')
        },
      },
    })
    expect(await auth.getAccessToken({ forceRefresh: true })).toBe('access-2')
    expect(authorizations).toEqual([null])
  })
})
