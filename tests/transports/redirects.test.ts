import { describe, expect, it } from 'vitest'
import type { ResponseFacts } from '../../src'
import { type RecordingServer, recordingServer } from '../support/recording-server'
import { type ClientOptions, startSession, type TestSession, wireTokens } from '../support/start-session'

const redirect = (status: number, location: string): Response =>
  new Response('moved', { status, headers: { location } })

/** The token in either kind of header. */
const carried = ({ requests }: RecordingServer): (string | null)[] =>
  requests.map(({ headers }) => headers.get('x-token') ?? headers.get('authorization'))

interface Redirected extends TestSession {
  /** Redirects `/<status>/<location>` to the location, which may be of another origin. */
  readonly own: RecordingServer
  /** Answers 200; redirects `/back` to `own`. */
  readonly other: RecordingServer
}

async function startRedirected(client: ClientOptions = {}): Promise<Redirected> {
  const other: RecordingServer = await recordingServer((request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/back') return redirect(302, `${own.url}/landed`)
    return new Response('elsewhere', { status: pathname === '/401' ? 401 : 200 })
  })
  const own = await recordingServer((request) => {
    const [, status, location] = /^\/(\d+)\/(.*)$/.exec(request.url.slice(new URL(request.url).origin.length)) ?? []
    if (status !== undefined && location !== undefined) return redirect(Number(status), decodeURIComponent(location))
    return new Response('landed')
  })
  let n = 1
  const refresh = () => {
    n += 1
    return wireTokens(n)
  }
  const session = await startSession({
    user: undefined,
    client: { baseUrl: own.url, fetch: undefined, refresh, ...client },
  })
  await session.auth.signIn(wireTokens(1))
  return { ...session, own, other }
}

const custom = { header: 'X-Token', scheme: '' } as const
const headers: [string, ClientOptions, string][] = [
  ['authorization', {}, 'Bearer access-1'],
  ['a header of another name', custom, 'access-1'],
]
const statuses = [301, 302, 303, 307, 308]
const cases = headers.flatMap(([name, client, value]) =>
  statuses.map((status): [number, string, ClientOptions, string] => [status, name, client, value]),
)
const to = (status: number, location: string): string => `/${status}/${encodeURIComponent(location)}`

describe('a redirect', () => {
  it.each(cases)('A5: %i to another origin goes without %s', async (status, _, client, value) => {
    const { auth, own, other } = await startRedirected(client)
    const response = await auth.fetch(to(status, `${other.url}/x`))
    expect([await response.text(), response.url, response.redirected]).toEqual(['elsewhere', `${other.url}/x`, true])
    expect(carried(own)).toEqual([value])
    expect(carried(other)).toEqual([null])
  })

  it.each(cases)('A5: %i within the origin takes %s along', async (status, _, client, value) => {
    const { auth, own } = await startRedirected(client)
    const response = await auth.fetch(to(status, '/landed'))
    expect([await response.text(), response.url, response.redirected]).toEqual(['landed', `${own.url}/landed`, true])
    expect(carried(own)).toEqual([value, value])
  })

  it.each(headers)('A5: %s never comes back once the origin was left', async (_, client, value) => {
    const { auth, own, other } = await startRedirected(client)
    expect((await auth.fetch(to(302, `${other.url}/back`))).url).toBe(`${own.url}/landed`)
    expect(carried(other)).toEqual([null])
    expect(carried(own)).toEqual([value, null])
  })

  it.each(headers)('A5: another allowed origin does not get %s either', async (_, client) => {
    const { auth, other } = await startRedirected({ ...client, allowedOrigins: () => true })
    await auth.fetch(to(307, `${other.url}/x`))
    expect(carried(other)).toEqual([null])
  })

  it.each(headers)(
    'A5, S3: a 401 of another origin with %s starts no refresh and shows no login',
    async (_, client) => {
      const { auth, said, other } = await startRedirected(client)
      expect((await auth.fetch(to(302, `${other.url}/401`))).status).toBe(401)
      await auth.signOut()
      expect((await auth.fetch(to(302, `${other.url}/401`))).status).toBe(401)
      expect(said).toEqual(['signedIn', 'signedOut'])
    },
  )

  it('A5: a fetch that sends to another origin by itself is none: its 401 is refused', async () => {
    const { url } = await recordingServer(
      ({ headers }) => new Response(null, { status: headers.get('authorization') === 'Bearer access-1' ? 401 : 200 }),
    )
    const isTokenRefused = ({ status, url }: ResponseFacts): boolean => urls.push(url) > 0 && status === 401
    const urls: unknown[] = []
    const { auth } = await startRedirected({
      baseUrl: 'https://api.example.com',
      fetch: (input, init) => fetch(String(input).replace('https://api.example.com', url), init),
      isTokenRefused,
    })
    expect((await auth.fetch('/x')).status).toBe(200)
    expect(urls).toEqual(Array(2).fill('https://api.example.com/x'))
  })

  it('A5: whatever the other origin answers, it has not accepted the token (R5)', async () => {
    const { auth, server, clock } = await startSession({ sockets: true, client: { refreshRetries: 0 } })
    const other = await recordingServer()
    server.faults.api.next({ refuse: true }, { status: 302, headers: { location: other.url } })
    expect((await auth.fetch('/x')).url).toBe(`${other.url}/`)
    server.faults.api.next({ refuse: true })
    expect((await auth.fetch('/x')).status).toBe(401)
    expect(server.counts.refreshes).toBe(1)
    await clock.advance(5_000)
    server.faults.api.next({ refuse: true })
    expect((await auth.fetch('/x')).status).toBe(200)
    expect(server.counts.refreshes).toBe(2)
  })
})

describe('a redirect followed for a header of another name, as fetch follows it', () => {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE']
  const withBody = (method: string): RequestInit =>
    ['GET', 'HEAD'].includes(method) ? {} : { body: new URLSearchParams({ a: 'ü' }) }
  const each = statuses.flatMap((status) => methods.map((method): [number, string] => [status, method]))
  const shown = ({ requests }: RecordingServer): unknown[] =>
    requests.map(({ method, path, body, headers }) => [
      ...[method, path, body],
      [...headers].filter(([name]) => !['x-token', 'host', 'connection'].includes(name)),
    ])

  it.each(each)('A5: %i of a %s', async (status, method) => {
    const { auth, own, other } = await startRedirected(custom)
    const init = (): RequestInit => ({ method, ...withBody(method), headers: { 'x-own': '1', cookie: 'a=1' } })
    for (const location of ['/landed?a=1', `${other.url}/x`]) {
      own.requests.length = other.requests.length = 0
      const raw = await fetch(own.url + to(status, location), init())
      const byFetch = [...shown(own), ...shown(other)]
      own.requests.length = other.requests.length = 0
      const response = await auth.fetch(to(status, location), init())
      expect([...shown(own), ...shown(other)]).toEqual(byFetch)
      expect([response.url, response.redirected]).toEqual([raw.url, raw.redirected])
    }
  })

  it.each([307, 308])('A5: a Request with a body is sent on by a %i', async (status) => {
    const { auth, own } = await startRedirected(custom)
    const url = own.url + to(status, '/landed')
    const response = await auth.fetch(
      new Request(url, { method: 'POST', body: 'x', headers: { 'content-type': 'text/a' } }),
    )
    expect(await response.text()).toBe('landed')
    expect(own.requests.map(({ method, body, headers }) => [method, atob(body), headers.get('content-type')])).toEqual([
      ['POST', 'x', 'text/a'],
      ['POST', 'x', 'text/a'],
    ])
    expect(carried(own)).toEqual(['access-1', 'access-1'])
  })

  it('A5: a stream cannot be sent on', async () => {
    const { auth, own } = await startRedirected(custom)
    const init = { method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' } as RequestInit
    await expect(auth.fetch(to(307, '/landed'), init)).rejects.toThrow(TypeError)
    expect(own.requests).toHaveLength(1)
  })

  it.each([
    ['in a circle', '/302/%2F'],
    ['to a scheme that is not HTTP', to(302, 'data:text/plain,x')],
    ['to what is no URL', to(302, 'https://[')],
  ])('A5: one %s rejects as fetch does', async (_, path) => {
    const looping = await recordingServer(() => redirect(302, '/loop'))
    const { auth } = await startRedirected({ ...custom, ...(path === '/302/%2F' && { baseUrl: looping.url }) })
    await expect(auth.fetch(path)).rejects.toThrow(TypeError)
    expect(looping.requests.length).toBeLessThanOrEqual(21)
  })

  it('A5: a 302 without a location is the answer', async () => {
    const bare = await recordingServer(() => new Response('bare', { status: 302 }))
    const { auth } = await startRedirected({ ...custom, baseUrl: bare.url })
    expect((await auth.fetch('/x')).status).toBe(302)
  })

  it.each(['manual', 'error'] as const)('A5: redirect: %s stays the caller’s', async (redirect) => {
    const { auth, own, other } = await startRedirected(custom)
    const sent = auth.fetch(to(302, `${other.url}/x`), { redirect })
    if (redirect === 'manual') expect((await sent).status).toBe(302)
    else await expect(sent).rejects.toThrow(TypeError)
    expect(own.requests).toHaveLength(1)
    expect(other.requests).toEqual([])
  })

  it('A5: the signal ends it on the way', async () => {
    const abort = new AbortController()
    const slow = await recordingServer((request) => {
      if (request.url.endsWith('/slow')) {
        abort.abort()
        return new Promise<Response>(() => {})
      }
      return redirect(302, '/slow')
    })
    const { auth } = await startRedirected({ ...custom, baseUrl: slow.url })
    await expect(auth.fetch('/x', { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' })
    expect(slow.requests).toHaveLength(2)
  })

  it('A5: where the runtime hides the redirect, nothing is followed', async () => {
    const opaque = Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' })
    const { auth } = await startRedirected({ ...custom, fetch: async () => opaque })
    await expect(auth.fetch('/x')).rejects.toThrow(TypeError)
  })

  it('A5: a 401 at its end is refused, and the resend follows it again', async () => {
    const server = await recordingServer(({ url, headers }) => {
      if (url.endsWith('/start')) return redirect(307, '/end')
      return new Response(null, { status: headers.get('x-token') === 'access-2' ? 200 : 401 })
    })
    const { auth } = await startRedirected({ ...custom, baseUrl: server.url })
    expect((await auth.fetch('/start', { method: 'POST', body: 'x' })).status).toBe(200)
    expect(carried(server)).toEqual(['access-1', 'access-1', 'access-2', 'access-2'])
  })

  it.each(['post', 'Post', 'head', 'patch'])('A5: %s is taken along or becomes GET as fetch has it', async (method) => {
    const { auth, own } = await startRedirected(custom)
    const init = { method, ...(method === 'head' ? {} : { body: 'x' }) }
    const statuses = [301, 302, 303, 307]
    for (const status of statuses) await auth.fetch(`/${status}/%2Flanded`, init)
    const ours = own.requests.map((request) => request.method)
    for (const status of statuses) await fetch(`${own.url}/${status}/%2Flanded`, init)
    expect(ours).toEqual(own.requests.slice(ours.length).map((request) => request.method))
  })
})
