import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { fakeAuthorizationServer, type Served, type ServeOptions, serve, type WebHandler } from '../../src/testing'

const open: Served[] = []

async function served(handle: WebHandler, options?: ServeOptions): Promise<Served> {
  const server = await serve(handle, options)
  open.push(server)
  return server
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

/** What the server says to these bytes, until it closes the connection. */
async function raw(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.end(bytes)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}

/** The status of each answer to these requests, one after another on a connection that is to be kept. */
async function statuses(url: string, requests: readonly { readonly method?: string; readonly body?: string }[]) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const seen: (number | undefined)[] = []
  for (const { method = 'GET', body } of requests) {
    const [incoming] = await once(httpRequest(url, { method, agent }).end(body), 'response')
    for await (const _ of incoming);
    seen.push(incoming.statusCode)
  }
  agent.destroy()
  return seen
}

/** The code of the error below fetch's own. */
const causeCode = async (failing: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await failing.then(
    () => undefined,
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(TypeError)
  return Object(Object(error).cause).code
}

describe('serve', () => {
  it('serves the fake authorization server on a free loopback port', async () => {
    const server = fakeAuthorizationServer()
    const { url } = await served(server.handle)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const { access_token, refresh_token } = server.signIn('owner')
    const fields = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh_token ?? '' })
    const refreshed = await fetch(`${url}/token`, { method: 'POST', body: fields })
    expect(await refreshed.json()).toMatchObject({ refresh_token: 'fake-refresh-1-2' })
    const headers = { authorization: `Bearer ${access_token}` }
    const response = await fetch(`${url}/things`, { method: 'POST', body: 'hello', headers })
    expect(await response.json()).toMatchObject({ user: 'owner', body: 'hello', path: '/things' })
  })

  it('keeps connections alive and counts them', async () => {
    const server = await served(() => new Response('done'))
    expect(await statuses(server.url, [{}, {}, {}])).toEqual([200, 200, 200])
    expect(server.connections).toBe(1)
  })

  it('closes at once, with connections idle and busy, and lets no new one in', async () => {
    let arrived = (): void => {}
    const busy = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const server = await serve((request) => {
      if (request.url.endsWith('/idle')) return new Response('done')
      arrived()
      return new Promise<Response>(() => {})
    })
    await (await fetch(`${server.url}/idle`)).text()
    const hanging = causeCode(fetch(`${server.url}/busy`))
    await busy
    await server.close()
    expect(await hanging).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/)
    expect(await causeCode(fetch(server.url))).toBe('ECONNREFUSED')
  })

  it('takes a port, and rejects when it is taken', async () => {
    const first = await served(() => new Response())
    const port = Number(new URL(first.url).port)
    await expect(serve(() => new Response(), { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await first.close()
    expect((await served(() => new Response(), { port })).url).toBe(first.url)
  })

  it('serves IPv6', async () => {
    const { url } = await served(() => new Response('six'), { host: '::1' })
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/)
    expect(await (await fetch(url)).text()).toBe('six')
  })
})

describe('toNodeListener', () => {
  it('hands over method, path, query and every header', async () => {
    const { url } = await served((request) => {
      const { pathname, search, host } = new URL(request.url)
      return Response.json([request.method, host, pathname, search, request.headers.get('x-twice')])
    })
    const answer = await raw(
      url,
      'DELETE //evil.example/a%2Fb?c=d HTTP/1.1\r\nHost: server.example\r\nX-Twice: 1\r\nx-twice: 2\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toContain('["DELETE","server.example","//evil.example/a%2Fb","?c=d","1, 2"]')
  })

  it('answers status, text and headers, each cookie on a line of its own', async () => {
    const { url } = await served(() => {
      const headers = new Headers({ 'x-one': '1' })
      headers.append('set-cookie', 'a=1; Path=/')
      headers.append('set-cookie', 'b=2')
      return new Response('teapot', { status: 418, statusText: 'Short and stout', headers })
    })
    const response = await fetch(url)
    expect([response.status, response.statusText, await response.text()]).toEqual([418, 'Short and stout', 'teapot'])
    expect(response.headers.get('x-one')).toBe('1')
    expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2'])
  })

  it.each([204, 304])('sends no body with %d, and the connection goes on', async (status) => {
    const server = await served(() => new Response(null, { status }))
    expect(await (await fetch(server.url)).text()).toBe('')
    const before = server.connections
    expect(await statuses(server.url, [{}, { method: 'HEAD' }, {}])).toEqual([status, status, status])
    expect(server.connections - before).toBe(1)
  })

  it('answers HEAD without a body, and gives that body up', async () => {
    let cancelled = false
    const { url } = await served(
      () =>
        new Response(
          new ReadableStream({
            cancel() {
              cancelled = true
            },
          }),
          { headers: { 'x-one': '1' } },
        ),
    )
    const response = await fetch(url, { method: 'HEAD' })
    expect([response.headers.get('x-one'), await response.text(), cancelled]).toEqual(['1', '', true])
  })

  it('streams both ways: an answer begins before the request has ended', async () => {
    const { url } = await served((request) => new Response(request.body))
    const outgoing = httpRequest(url, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } })
    outgoing.write('first')
    const [incoming] = await once(outgoing, 'response')
    const chunks = incoming[Symbol.asyncIterator]()
    expect(String((await chunks.next()).value)).toBe('first')
    outgoing.end('second')
    expect(String((await chunks.next()).value)).toBe('second')
    expect((await chunks.next()).done).toBe(true)
  })

  it('sends status and headers before the first chunk is there', async () => {
    let write = (_text: string): void => {}
    const { url } = await served(
      () =>
        new Response(
          new ReadableStream({
            start(controller) {
              write = (text) => {
                controller.enqueue(new TextEncoder().encode(text))
                controller.close()
              }
            },
          }),
          { status: 202 },
        ),
    )
    const response = await fetch(url)
    expect(response.status).toBe(202)
    write('at last')
    expect(await response.text()).toBe('at last')
  })

  it('carries large bodies unharmed', async () => {
    const { url } = await served(async (request) => new Response(await request.arrayBuffer()))
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, at) => at % 251)
    const echoed = await (await fetch(url, { method: 'PUT', body: bytes })).arrayBuffer()
    expect(Buffer.from(echoed).equals(bytes)).toBe(true)
  })

  it('lets an unread request body pass, and the connection goes on', async () => {
    const server = await served(() => new Response('no, thanks'))
    const upload = { method: 'POST', body: 'x'.repeat(100_000) }
    expect(await statuses(server.url, [upload, upload, upload])).toEqual([200, 200, 200])
    expect(server.connections).toBe(1)
  })

  it("fires the request's signal when the client goes away, while it waits and while it reads", async () => {
    const signals: AbortSignal[] = []
    const gone: Promise<void>[] = []
    const { url } = await served(({ signal, url: asked }) => {
      signals.push(signal)
      gone.push(new Promise((resolve) => signal.addEventListener('abort', () => resolve())))
      if (asked.endsWith('/waiting')) {
        queueMicrotask(() => client.abort())
        return new Promise<Response>(() => {})
      }
      return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }))
    })
    let client = new AbortController()
    await expect(fetch(`${url}/waiting`, { signal: client.signal })).rejects.toThrow()
    client = new AbortController()
    await (await fetch(`${url}/reading`, { signal: client.signal })).body?.getReader().read()
    client.abort()
    await Promise.all(gone)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  })

  it('does not fire it after a complete answer', async () => {
    const signals: AbortSignal[] = []
    const server = await served(({ signal }) => {
      signals.push(signal)
      return new Response('done')
    })
    await (await fetch(server.url)).text()
    await server.close()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  })

  it('answers 500 with the message when the handler throws', async () => {
    const { url } = await served(() => {
      throw new RangeError('broken handler')
    })
    const response = await fetch(url)
    expect([response.status, await response.text()]).toEqual([500, 'RangeError: broken handler'])
  })

  it('cuts the connection when the body fails half-way', async () => {
    let fail = (_error: Error): void => {}
    const broken = new Promise<never>((_, reject) => {
      fail = reject
    })
    const { url } = await served(
      () =>
        new Response(
          new ReadableStream({
            start: (controller) => controller.enqueue(new TextEncoder().encode('half')),
            pull: () => broken,
          }),
        ),
    )
    const reader = (await fetch(url)).body?.getReader()
    expect((await reader?.read())?.value).toEqual(new TextEncoder().encode('half'))
    fail(new Error('broken body'))
    await expect(reader?.read()).rejects.toThrow(TypeError)
  })

  it.each([
    'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
  ])('answers 400 to what no Request can express: %j', async (bytes) => {
    const { url } = await served(() => new Response())
    expect(await raw(url, bytes)).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('takes the absolute form of a proxy request', async () => {
    const { url } = await served((request) => new Response(request.url))
    const answer = await raw(url, 'GET http://other.example/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(answer).toContain('http://other.example/x')
  })
})

describe('faults on a real socket', () => {
  const grant = (refreshToken = ''): RequestInit => ({
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
  })

  it('reset: ECONNRESET, and nothing was done', async () => {
    const server = fakeAuthorizationServer()
    const { url } = await served(server.handle)
    const { refresh_token } = server.signIn()
    server.faults.token.next({ reset: true })
    expect(await causeCode(fetch(`${url}/token`, grant(refresh_token)))).toBe('ECONNRESET')
    expect(server.counts).toMatchObject({ tokenRequests: 1, refreshes: 0 })
    expect((await fetch(`${url}/token`, grant(refresh_token))).status).toBe(200)
  })

  it('a lost answer: ECONNRESET, but the refresh token was rotated', async () => {
    const server = fakeAuthorizationServer()
    const { url } = await served(server.handle)
    const { refresh_token } = server.signIn()
    server.faults.token.next({ reset: true, afterActing: true })
    expect(await causeCode(fetch(`${url}/token`, grant(refresh_token)))).toBe('ECONNRESET')
    expect(server.counts).toMatchObject({ tokenRequests: 1, refreshes: 1 })
    expect((await fetch(`${url}/token`, grant(refresh_token))).status).toBe(400)
    expect(server.counts.reused).toBe(1)
  })

  it('hang: no answer until the client gives up, which the server notices', async () => {
    const server = fakeAuthorizationServer()
    const { url } = await served(server.handle)
    const over = new Promise((resolve) => server.onExchange(resolve))
    const gate = server.holdApiRequests()
    server.faults.api.always({ hang: true })
    const client = new AbortController()
    const hanging = fetch(url, { signal: client.signal })
    await gate.arrived()
    gate.release()
    client.abort()
    await expect(hanging).rejects.toMatchObject({ name: 'AbortError' })
    expect(await over).toMatchObject({ route: 'api', status: undefined })
  })

  it('a held request leaves its gate when the client goes away', async () => {
    const server = fakeAuthorizationServer()
    const { url } = await served(server.handle)
    const over = new Promise((resolve) => server.onExchange(resolve))
    const gate = server.holdTokenRequests()
    const client = new AbortController()
    const held = fetch(`${url}/token`, { ...grant(server.signIn().refresh_token), signal: client.signal })
    await gate.arrived()
    client.abort()
    await expect(held).rejects.toMatchObject({ name: 'AbortError' })
    await over
    gate.release()
    expect(gate.waiting).toBe(0)
    expect(server.counts.refreshes).toBe(0)
  })
})
