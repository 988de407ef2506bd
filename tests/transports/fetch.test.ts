import { Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { type AuthRequestInit, createAuthClient, notResentBecause } from '../../src'
import { madeStorage } from '../support/made-storage'
import { type ArrivedRequest, recordingServer } from '../support/recording-server'
import { apiOrigin, authorizations, refusing, startRecorded } from '../support/start-recorded'
import { outcome, startSession, wireTokens } from '../support/start-session'

const ours = (n: number): string => `Bearer access-${n}`
const seconds = (n: number): number => n * 1000

describe('which requests carry the token', () => {
  const urls = [
    'https://api.example.com/',
    'https://api.example.com:443/x',
    'HTTPS://API.EXAMPLE.COM/x',
    'https:\\\\api.example.com\\x',
    ' https://api.example.com/x',
    'https://api.example.com/@evil.example/',
    'users',
    '/users',
    '?page=2',
    '',
    '/\\evil.example/x',
    '\\\\evil.example/x',
    '\t//evil.example/x',
    'ht\ttps://evil.example/x',
    './/evil.example/x',
    '//evil.example/x',
    '//api.example.com/x',
    '//api.example.com:8443/x',
    'https:evil.example/x',
    'https:/evil.example/x',
    'https:///evil.example/x',
    'https://evil.example/',
    'https://evil.example/https://api.example.com/',
    'https://evil.example\\@api.example.com/',
    'https://evil.example#@api.example.com/',
    'https://evil.example?@api.example.com/',
    'https://api.example.com.evil.example/',
    'https://api.example.com./',
    'https://api.example.comevil.example/',
    'https://api.example.com:8443/',
    'https://xn--pi-7ka.example.com/',
    'https://\u0430pi.example.com/',
    'https://api\u3002example\u3002com/x',
    'http://api.example.com/',
    'http://api.example.com:443/',
    'blob:https://api.example.com/1f0c',
    'data:text/plain,https://api.example.com/',
    'capacitor://api.example.com/x',
    'javascript:https://api.example.com/',
  ]
  it.each(urls)('A1: %j carries it exactly where it goes to the origin of baseUrl', async (url) => {
    const session = await startRecorded()
    await session.auth.fetch(url)
    const [sent] = session.sent
    const isOwn = new URL(String(sent?.input)).origin === apiOrigin && /^https:/i.test(String(sent?.input).trim())
    expect(authorizations(session)).toEqual([isOwn ? ours(1) : null])
  })

  it.each([
    'https://api.example.com@evil.example/',
    'https://api.example.com:443@evil.example/',
    'https://user:secret@api.example.com/',
  ])('A1, A3: %s has user info, and is handed to fetch as it is', async (url) => {
    const given: unknown[] = []
    const { auth } = await startRecorded({
      client: {
        fetch: async (...args: unknown[]) => {
          given.push(args)
          return new Response('ok')
        },
      },
    })
    await auth.fetch(url)
    expect(given).toEqual([[url, undefined]])
  })

  it('A1: baseUrl and every allowed origin, and no other', async () => {
    const session = await startRecorded({
      client: { allowedOrigins: ['https://files.example.com', 'https://c.example:8443'] },
    })
    await session.auth.fetch('https://files.example.com/a')
    await session.auth.fetch('https://c.example:8443/a')
    await session.auth.fetch('/a')
    await session.auth.fetch('https://c.example/a')
    expect(authorizations(session)).toEqual([ours(1), ours(1), ours(1), null])
  })

  const nearlyTrue: [string, unknown][] = [
    ['1', 1],
    ["'true'", 'true'],
    ['an object', {}],
    ['a promise of true', Promise.resolve(true)],
    ['undefined', undefined],
  ]
  it.each(nearlyTrue)('A1: a predicate that returns %s allows nothing', async (_, value) => {
    const session = await startRecorded({ client: { allowedOrigins: (() => value) as never } })
    await session.auth.fetch('https://other.example/')
    await session.auth.fetch('/a')
    expect(authorizations(session)).toEqual([null, ours(1)])
  })

  it('A1: a predicate adds to baseUrl, and is asked with the parsed URL', async () => {
    const asked: unknown[] = []
    const allowedOrigins = (url: URL): boolean => {
      asked.push(url)
      return url.hostname.endsWith('.example.org')
    }
    const session = await startRecorded({ client: { allowedOrigins } })
    for (const url of ['https://a.example.org/x', 'https://evil.example/?.example.org', '/a'])
      await session.auth.fetch(url)
    expect(authorizations(session)).toEqual([ours(1), null, ours(1)])
    expect(asked).toEqual([new URL('https://a.example.org/x'), new URL('https://evil.example/?.example.org')])
  })

  it('A1, Q6: a predicate that throws allows nothing, and what it threw goes to onError', async () => {
    const thrown = new Error('of the predicate')
    const allowedOrigins = (): boolean => {
      throw thrown
    }
    const session = await startRecorded({ client: { allowedOrigins } })
    expect((await session.auth.fetch('https://other.example/')).status).toBe(200)
    expect(authorizations(session)).toEqual([null])
    expect(session.errors).toEqual([thrown])
  })

  const insecure: [string, boolean, string | null][] = [
    ['http://api.example.com', false, null],
    ['http://api.example.com', true, ours(1)],
    ['http://192.168.0.1', false, null],
    ['http://127.0.0.1.example.com', false, null],
    ['http://localhost.example.com', false, null],
    ['http://localhost:3000', false, ours(1)],
    ['http://app.localhost', false, ours(1)],
    ['http://127.0.0.1:3000', false, ours(1)],
    ['http://[::1]:3000', false, ours(1)],
  ]
  it.each(insecure)('A2: on %s with dangerouslyAllowInsecureHttp: %s it is %s', async (baseUrl, allow, expected) => {
    const session = await startRecorded({ client: { baseUrl, dangerouslyAllowInsecureHttp: allow } })
    await session.auth.fetch('/x')
    expect(authorizations(session)).toEqual([expected])
    expect(session.all('tokenWithheld')).toEqual(
      expected === null ? [expect.objectContaining({ origin: baseUrl, reason: 'insecure' })] : [],
    )
  })
})

describe('a request with a header of its own', () => {
  const forms: [string, (value: string) => [RequestInfo, RequestInit?]][] = [
    ['a record', (value) => ['/x', { headers: { authorization: value } }]],
    ['a record in another case', (value) => ['/x', { headers: { AUTHORIZATION: value } }]],
    ['Headers', (value) => ['/x', { headers: new Headers({ Authorization: value }) }]],
    [
      'entries',
      (value) => [
        '/x',
        {
          headers: [
            ['X-A', '1'],
            ['AuthoRization', value],
          ],
        },
      ],
    ],
    ['a Request', (value) => [new Request(`${apiOrigin}/x`, { headers: { authorization: value } })]],
    ['a Request and init', (value) => [new Request(`${apiOrigin}/x`, { headers: { authorization: value } }), {}]],
    ['a Request as init', (value) => ['/x', new Request('https://x.example', { headers: { authorization: value } })]],
  ]
  it.each(forms)('A3: %s keeps it, is not resent and starts no refresh', async (_, request) => {
    const session = await startRecorded({ answer: () => new Response(null, { status: 401 }) })
    expect((await session.auth.fetch(...request('Basic b3duOm93bg=='))).status).toBe(401)
    expect(authorizations(session)).toEqual(['Basic b3duOm93bg=='])
    expect(session.refreshes()).toBe(0)
    expect(session.all('tokenWithheld')).toEqual([expect.objectContaining({ origin: apiOrigin, reason: 'ownHeader' })])
  })

  it.each(forms)('A3: %s with the present token counts as ours', async (_, request) => {
    const session = await startRecorded({ answer: refusing('access-1') })
    expect((await session.auth.fetch(...request(ours(1)))).status).toBe(200)
    expect(authorizations(session)).toEqual([ours(1), ours(2)])
    expect(session.said).not.toContain('tokenWithheld')
  })

  it.each(forms)('A3: %s with the last token counts as ours, and goes with the present one', async (_, request) => {
    const session = await startRecorded({ answer: refusing('access-1') })
    await session.auth.getAccessToken({ forceRefresh: true })
    expect((await session.auth.fetch(...request(ours(1)))).status).toBe(200)
    expect(authorizations(session)).toEqual([ours(2)])
  })

  it.each([`bearer access-1`, 'BEARER access-1', ' Bearer  access-1 '])('A3: %j is the same token', async (value) => {
    const session = await startRecorded({ answer: refusing('access-1') })
    expect((await session.auth.fetch('/x', { headers: { authorization: value } })).status).toBe(200)
    expect(authorizations(session).at(-1)).toBe(ours(2))
  })

  it.each(['access-1', 'Basic access-1', 'Bearer access-10', 'Bearer access-', 'Bearer access-1, Basic x'])(
    'A3: %j is another header',
    async (value) => {
      const session = await startRecorded()
      await session.auth.fetch('/x', { headers: { authorization: value } })
      expect(authorizations(session)).toEqual([value])
    },
  )

  it('A3: the token of the session before is another header', async () => {
    const session = await startRecorded()
    await session.auth.signIn(wireTokens(7))
    await session.auth.fetch('/x', { headers: { authorization: ours(1) } })
    expect(authorizations(session)).toEqual([ours(1)])
  })

  it('A3: one that is undefined is none', async () => {
    const session = await startRecorded()
    await session.auth.fetch('/x', { headers: { Authorization: undefined } as never })
    expect(authorizations(session)).toEqual([ours(1)])
  })

  it('A3: headers of the init take the place of the request’s, as they do in fetch', async () => {
    const session = await startRecorded()
    const request = new Request(`${apiOrigin}/x`, { headers: { authorization: 'Basic b3du', 'x-own': '1' } })
    await session.auth.fetch(request, { headers: { 'x-other': '2' } })
    expect(authorizations(session)).toEqual([ours(1)])
    expect([...(session.sent[0]?.request.headers ?? [])].map(([name]) => name)).toEqual(['authorization', 'x-other'])
  })
})

describe('authenticate', () => {
  const withoutIt: [string, RequestInit][] = [
    ['nothing else', {}],
    ['other members', { method: 'POST', body: 'x', cache: 'no-store', headers: { 'x-own': '1' } }],
  ]
  it.each(withoutIt)('A4: false with %s is sent untouched', async (_, init) => {
    const session = await startRecorded()
    await session.auth.fetch(`${apiOrigin}/x`, { ...init, authenticate: false })
    expect(session.sent.map(({ input, init }) => [input, init])).toEqual([[`${apiOrigin}/x`, init]])
  })

  it('A4: false sends a Request itself, not a copy', async () => {
    const session = await startRecorded()
    const request = new Request(`${apiOrigin}/x`, { method: 'POST', body: 'x' })
    await session.auth.fetch(request, { authenticate: false })
    expect(session.sent[0]?.input).toBe(request)
  })

  it('A4: false is not noted as a token withheld, and works while the session is unknown', async () => {
    const storage = madeStorage()
    storage.hold('read')
    const session = await startRecorded({ client: { storage }, tokens: undefined })
    expect((await session.auth.fetch('/login', { authenticate: false })).status).toBe(200)
    expect(session.events).toEqual([])
  })

  it("A4: 'required' rejects before it is sent, once it is known that there is no session", async () => {
    const storage = madeStorage()
    const held = storage.hold('read')
    const session = await startRecorded({ client: { storage }, tokens: undefined })
    const request = session.auth.fetch('/x', { authenticate: 'required' })
    held.release()
    await expect(request).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(session.sent).toEqual([])
    expect(session.said).not.toContain('unauthenticated')
  })

  it("A4: 'required' is sent with the token where there is a session", async () => {
    const session = await startRecorded()
    await session.auth.fetch('/x', { authenticate: 'required' })
    expect(authorizations(session)).toEqual([ours(1)])
  })

  const told: [AuthRequestInit, string | null][] = [
    [{}, null],
    [{ authenticate: undefined as never }, null],
    [{ authenticate: true }, ours(1)],
    [{ authenticate: 'required' }, ours(1)],
    [{ authenticate: false }, null],
  ]
  it.each(told)('A4: the option decides for requests that do not say: %o', async (init, expected) => {
    const session = await startRecorded({ client: { authenticate: () => false } })
    await session.auth.fetch('/x', init)
    expect(authorizations(session)).toEqual([expected])
  })

  it('A4: the option sees the absolute URL and the method', async () => {
    const seen: unknown[] = []
    const { auth } = await startRecorded({
      client: {
        authenticate: ({ url, method }) => {
          seen.push([url, method])
          return true
        },
      },
    })
    await auth.fetch('users', { method: 'PUT' })
    await auth.fetch(new Request(`${apiOrigin}/x`, { method: 'DELETE' }))
    expect(seen).toEqual([
      [`${apiOrigin}/v1/users`, 'PUT'],
      [`${apiOrigin}/x`, 'DELETE'],
    ])
  })

  it.each([{ 'X-Public': '1' }, [['x-public', '1']], new Headers({ 'X-Public': '1' })] satisfies HeadersInit[])(
    'A4: the option sees the header of %o, however it spells it',
    async (headers) => {
      const session = await startRecorded({ client: { authenticate: ({ header }) => header('X-PUBLIC') == null } })
      await session.auth.fetch('/x', { headers })
      await session.auth.fetch('/x')
      expect(authorizations(session)).toEqual([null, ours(1)])
    },
  )

  it('A4: the option can require a session, and Q6: one that throws counts as left out', async () => {
    const none = await startRecorded({ client: { authenticate: () => 'required' }, tokens: undefined })
    await expect(none.auth.fetch('/x')).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })

    const thrown = new Error('of the option')
    const session = await startRecorded({
      client: {
        authenticate: () => {
          throw thrown
        },
      },
    })
    await session.auth.fetch('/x')
    expect(authorizations(session)).toEqual([ours(1)])
    expect(session.errors).toEqual([thrown])
  })
})

describe('the header', () => {
  it('A6: has the name and the scheme it is given', async () => {
    const session = await startRecorded({ client: { header: 'X-Api-Key', scheme: 'Token' } })
    await session.auth.fetch('/x')
    expect([...(session.sent[0]?.request.headers ?? [])]).toEqual([['x-api-key', 'Token access-1']])
  })

  it('A6: is the bare token with an empty scheme', async () => {
    const session = await startRecorded({ client: { header: 'X-Token', scheme: '' } })
    await session.auth.fetch('/x')
    await session.auth.fetch('/x', { headers: { 'x-token': 'own' } })
    expect(session.sent.map(({ request }) => request.headers.get('x-token'))).toEqual(['access-1', 'own'])
  })

  const hostile = ['a\r\nx-evil: 1', 'a\nb', 'a\rb', 'a b', ' a', 'a\t', 'ä', '\u0000', '\u007f', '✓', '']
  it.each(hostile)(
    'A6: the token %j is refused by signIn and setTokens, and nothing is sent with it',
    async (token) => {
      const session = await startRecorded()
      const before = session.auth.getTokens()
      const bad = { access_token: token, refresh_token: 'refresh-9' }
      await expect(session.auth.signIn(bad)).rejects.toMatchObject({ code: 'AUTH_INVALID_TOKEN' })
      await expect(session.auth.setTokens(bad)).rejects.toMatchObject({ code: 'AUTH_INVALID_TOKEN' })
      expect(session.auth.getTokens()).toBe(before)
      await session.auth.fetch('/x')
      expect(authorizations(session)).toEqual([ours(1)])
    },
  )

  it.each(hostile)('A6: the token %j in the storage is signed out', async (accessToken) => {
    const storage = madeStorage({ stored: { accessToken, refreshToken: 'refresh-9' } })
    const session = await startRecorded({ client: { storage }, tokens: undefined })
    await session.auth.fetch('/x')
    expect(authorizations(session)).toEqual([null])
    expect(session.auth.state.status).toBe('signedOut')
  })

  it.each(hostile)(
    'A6, F12: the token %j of a refresh is never sent, and a rotated refresh token is kept',
    async (token) => {
      const session = await startRecorded({
        client: { refresh: () => ({ access_token: token, refresh_token: 'refresh-9' }), refreshRetries: 0 },
      })
      session.clock.shiftWallClock(seconds(300))
      await expect(session.auth.fetch('/x')).rejects.toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
      expect(session.sent).toEqual([])
      expect(session.auth.getTokens()).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-9' })
    },
  )
})

describe('a relative URL', () => {
  const joined: [string, string, string][] = [
    ['https://api.example.com/v1', 'users', 'https://api.example.com/v1/users'],
    ['https://api.example.com/v1', '/users', 'https://api.example.com/v1/users'],
    ['https://api.example.com/v1/', '/users?a=1#f', 'https://api.example.com/v1/users?a=1#f'],
    ['https://api.example.com', 'users', 'https://api.example.com/users'],
    ['https://api.example.com/v1', '', 'https://api.example.com/v1'],
  ]
  it.each(joined)('A9: on %s %j is %s', async (baseUrl, url, expected) => {
    const session = await startRecorded({ client: { baseUrl } })
    await session.auth.fetch(url)
    expect(session.sent.map(({ input }) => input)).toEqual([expected])
    expect(authorizations(session)).toEqual([ours(1)])
  })

  it('A9: without any origin the client is made, and its first request rejects', async () => {
    const sent: unknown[] = []
    const fetch = async (input: unknown): Promise<Response> => {
      sent.push(input)
      return new Response('ok')
    }
    for (const auth of [createAuthClient({ fetch }), createAuthClient({ fetch, baseUrl: '/api' })]) {
      await auth.signIn(wireTokens(1))
      await expect(auth.fetch('/users')).rejects.toMatchObject({ code: 'AUTH_CONFIGURATION' })
      await expect(auth.fetch('https://api.example.com/users')).rejects.toMatchObject({ code: 'AUTH_CONFIGURATION' })
      expect(sent).toEqual([])
    }
  })

  it('A9: one without a base rejects where only allowedOrigins are given, and names no query', async () => {
    const { auth } = await startRecorded({ client: { baseUrl: undefined, allowedOrigins: [apiOrigin] } })
    const { message } = (await auth.fetch('/users?code=secret').catch((error: unknown) => error as Error)) as Error
    expect(message).toContain('baseUrl')
    expect(message).not.toContain('secret')
    expect((await auth.fetch(`${apiOrigin}/users`)).status).toBe(200)
  })
})

describe('a request that is sent again', () => {
  const json = '{"name":"Grüße","n":[1,2]}'
  const bytes = Uint8Array.from({ length: 256 }, (_, value) => value)
  const bodies: [string, () => RequestInit][] = [
    ['JSON', () => ({ body: json, headers: { 'Content-Type': 'application/json' } })],
    ['a text without a type', () => ({ body: 'line 1\r\nline 2 ✓' })],
    ['an empty text', () => ({ body: '' })],
    ['URLSearchParams', () => ({ body: new URLSearchParams({ a: '1 2', b: 'ü&=' }) })],
    ['a Blob', () => ({ body: new Blob([bytes], { type: 'image/png' }) })],
    ['a Blob without a type', () => ({ body: new Blob([bytes]) })],
    ['an ArrayBuffer', () => ({ body: bytes.buffer.slice(0) })],
    ['a Uint8Array', () => ({ body: bytes })],
    ['a view of a part', () => ({ body: bytes.subarray(10, 20) })],
    ['a Float64Array', () => ({ body: new Float64Array([1.5, Number.NaN, -0]) })],
    ['a DataView', () => ({ body: new DataView(bytes.buffer, 3, 7) })],
    ['a Buffer', () => ({ body: Buffer.from('grüße') })],
    ['no body', () => ({})],
  ]
  const seen = ({ method, path, body, headers }: ArrivedRequest): unknown => ({
    ...{ method, path, body },
    headers: [...headers].filter(([name]) => !['authorization', 'connection'].includes(name)),
  })

  it.each(bodies)('B1: with %s has the bytes and headers that raw fetch sends', async (_, init) => {
    const server = await recordingServer(
      ({ headers }) => new Response(null, { status: headers.get('authorization') === ours(2) ? 200 : 401 }),
    )
    const { auth } = await startRecorded({ client: { baseUrl: server.url, fetch: undefined } })
    const request = (): RequestInit => ({ method: 'POST', ...init(), headers: { 'X-Own': '1', ...init().headers } })
    await fetch(`${server.url}/x?a=%20b&c`, request())
    expect((await auth.fetch('/x?a=%20b&c', request())).status).toBe(200)
    const [raw, first, again] = server.requests.map(seen)
    expect(server.requests).toHaveLength(3)
    expect(first).toEqual(raw)
    expect(again).toEqual(raw)
  })

  it('B1: with a FormData has its fields', async () => {
    const forms: FormData[] = []
    const session = await startRecorded({
      answer: async (request) => {
        forms.push(await request.formData())
        return refusing('access-1')(request, 0)
      },
    })
    const form = new FormData()
    form.append('a', 'Grüße')
    form.append('a', 'second\r\nline')
    form.append('file', new File([bytes], 'pixel "1".png', { type: 'image/png' }))
    expect((await session.auth.fetch('/x', { method: 'POST', body: form })).status).toBe(200)
    const [first, again] = await Promise.all(
      forms.map(async (form) => {
        const file = form.get('file') as File
        return [form.getAll('a'), file.name, file.type, [...new Uint8Array(await file.arrayBuffer())]]
      }),
    )
    expect(first).toEqual([['Grüße', 'second\r\nline'], 'pixel "1".png', 'image/png', [...bytes]])
    expect(again).toEqual(first)
  })

  it('B1: keeps every other member of init, also those no platform knows', async () => {
    const session = await startRecorded({ answer: refusing('access-1') })
    const init = {
      method: 'PATCH',
      body: 'x',
      cache: 'no-store',
      credentials: 'include',
      keepalive: true,
      redirect: 'manual',
      priority: 'high',
      duplex: 'half',
      referrerPolicy: 'no-referrer',
      signal: new AbortController().signal,
      next: { revalidate: 60, tags: Array.of('a') },
      dispatcher: undefined,
      mine: Symbol('mine'),
    } as const
    await session.auth.fetch('/x', { ...init, headers: { 'x-own': '1' } })
    expect(session.sent.map(({ init }) => init)).toEqual([
      { ...init, headers: { 'x-own': '1', authorization: ours(1) } },
      { ...init, headers: { 'x-own': '1', authorization: ours(2) } },
    ])
  })

  it('may take the place of the platform’s', async () => {
    const { auth, baseUrl, server } = await startSession({ sockets: true })
    vi.stubGlobal('fetch', auth.fetch)
    server.expireAccessTokens()
    expect((await fetch(`${baseUrl}/things`)).status).toBe(200)
    expect((await auth.fetch('/things')).status).toBe(200)
    expect(server.counts).toMatchObject({ refreshes: 1, api: { requests: 3 } })
  })

  it('may take the place of another session’s there', async () => {
    const first = await startSession({ sockets: true })
    vi.stubGlobal('fetch', first.auth.fetch)
    const second = await startSession({ sockets: true })
    vi.stubGlobal('fetch', second.auth.fetch)
    for (const { baseUrl } of [first, second]) expect((await fetch(`${baseUrl}/things`)).status).toBe(200)
  })

  it('B1: an init that inherits keeps what the platform does not know', async () => {
    const session = await startRecorded()
    const init = Object.assign(Object.create({ headers: { 'x-own': '1' } }), { next: { revalidate: 60 } })
    await session.auth.fetch('/x', init)
    expect(session.sent[0]?.init).toMatchObject({ next: { revalidate: 60 } })
    expect(session.sent[0]?.request.headers.get('x-own')).toBe('1')
    expect(authorizations(session)).toEqual([ours(1)])
  })

  it('B1: leaves the init it was given alone', async () => {
    const session = await startRecorded({ answer: refusing('access-1') })
    const init = Object.freeze({ method: 'POST', body: 'x', headers: Object.freeze({ 'x-own': '1' }) })
    const headers = new Headers({ 'x-own': '1' })
    await session.auth.fetch('/x', init)
    await session.auth.fetch('/x', { headers })
    expect([...headers]).toEqual([['x-own', '1']])
    expect(init.headers).toEqual({ 'x-own': '1' })
  })

  it.each([
    ['was refused', 300],
    ['had to wait', 0],
  ])('B1: one that %s is as it was at the call, whatever becomes of its init', async (_, expiresIn) => {
    const session = await startRecorded({ client: { refresh: () => wireTokens(2) }, answer: refusing('access-1') })
    await session.auth.setTokens(wireTokens(1, expiresIn))
    const init = { method: 'POST', body: '', headers: { 'x-own': '' } }
    const headers = new Headers()
    const pair: [string, string] = ['x-own', '']
    const sendings = ['0', '1', '2'].map((own) => {
      headers.set('x-own', own)
      init.headers['x-own'] = init.body = pair[1] = own
      return [
        session.auth.fetch(`/${own}`, init),
        session.auth.fetch(`/${own}`, { method: 'POST', body: own, headers }),
        session.auth.fetch(`/${own}`, { method: 'POST', body: own, headers: [pair] }),
      ]
    })
    init.method = 'DELETE'
    await Promise.all(sendings.flat())
    const seen = await Promise.all(
      session.sent.map(async ({ request }) => [
        ...[new URL(request.url).pathname.at(-1), request.method],
        ...[await request.text(), request.headers.get('x-own')],
      ]),
    )
    expect(session.sent).toHaveLength(expiresIn > 0 ? 18 : 9)
    for (const [own, ...sent] of seen) expect(sent).toEqual(['POST', own, own])
  })

  it('B1: what a fetch makes of the init it is given is not sent again', async () => {
    const sent: unknown[] = []
    const session = await startRecorded({
      client: {
        async fetch(input, init = {}) {
          const headers = new Headers(init.headers)
          if (init.headers instanceof Headers) init.headers.append('x-signed', 'once')
          init.body = `zipped ${init.body}`
          sent.push([init.body, new Headers(init.headers).get('x-signed')])
          return refusing('access-1')(new Request(input, { headers }), sent.length)
        },
      },
    })
    await session.auth.fetch('/x', { method: 'POST', body: 'text', headers: new Headers() })
    expect(sent).toEqual(Array(2).fill(['zipped text', 'once']))
  })

  it.each([
    ['Headers', new Headers({ 'x-own': '1' })],
    ['pairs', [['x-own', '1']] satisfies [string, string][]],
    ['a record', { 'x-own': '1' }],
  ])('B1: the headers of one that had to wait are in the form they were in: %s', async (_, headers) => {
    const session = await startRecorded({
      tokens: undefined,
      client: { storage: { read: async () => undefined, write: () => {} } },
    })
    await session.auth.fetch('/x', { headers })
    expect(session.sent.map(({ init }) => init?.headers)).toEqual([headers])
  })

  it('B1: keeps the members of a Request that is given as init', async () => {
    const session = await startRecorded({ answer: refusing('access-1') })
    const init = new Request('https://x.example/', { method: 'PUT', headers: { 'x-own': '1' }, credentials: 'omit' })
    await session.auth.fetch('/x', init)
    for (const { request } of session.sent) {
      expect([request.url, request.method, request.credentials]).toEqual([`${apiOrigin}/v1/x`, 'PUT', 'omit'])
      expect(request.headers.get('x-own')).toBe('1')
    }
    expect(session.sent).toHaveLength(2)
  })

  it('B2: a Request with a body is sent itself, then from clones', async () => {
    const bodies: string[] = []
    const session = await startRecorded({
      answer: async (request) => {
        bodies.push(`${request.method} ${await request.text()} ${request.headers.get('x-own')}`)
        return refusing('access-1')(request, 0)
      },
    })
    const request = new Request(`${apiOrigin}/x`, { method: 'POST', body: 'once', headers: { 'x-own': '1' } })
    expect((await session.auth.fetch(request)).status).toBe(200)
    expect(bodies).toEqual(['POST once 1', 'POST once 1'])
    expect(session.sent.map(({ input }) => input === request)).toEqual([true, false])
  })

  it('B2: a Request is used up at once, as fetch uses it', async () => {
    const { auth, server, baseUrl } = await startSession({ sockets: true })
    server.refuseAccessTokens()
    const request = new Request(`${baseUrl}/x`, { method: 'POST', body: 'once' })
    const sent = auth.fetch(request)
    expect(request.bodyUsed).toBe(true)
    expect(await (await sent).json()).toMatchObject({ body: 'once' })
    await expect(auth.fetch(request)).rejects.toThrow(TypeError)
  })

  class Upload {
    readonly body = 'of an instance'
    get method(): string {
      return 'PUT'
    }
  }
  const inherited: [string, () => RequestInit, string][] = [
    ['a class', () => new Upload(), 'PUT of an instance'],
    ['another object', () => Object.create({ method: 'POST', body: 'inherited' }), 'POST inherited'],
    [
      'two others',
      () => Object.create(Object.create({ method: 'POST', body: '1' }), { body: { value: '2' } }),
      'POST 2',
    ],
  ]
  it.each(inherited)('B1: has the members that its init inherits from %s', async (_, init, expected) => {
    const session = await startRecorded({ answer: refusing('access-1') })
    await session.auth.fetch('/x', init())
    const seen = session.sent.map(async ({ request }) => `${request.method} ${await request.text()}`)
    expect(await Promise.all(seen)).toEqual([expected, expected])
  })

  it('B1: has headers that can be gone through only once', async () => {
    const session = await startRecorded({ answer: refusing('access-1') })
    for (const headers of [new Map([['x-own', '1']]).entries(), new Headers({ 'x-own': '1' }).entries()])
      await session.auth.fetch('/x', { headers: headers as never })
    expect(session.sent.map(({ request }) => request.headers.get('x-own'))).toEqual(['1', '1', '1'])
  })

  it('B2: a Request made from a stream is sent again too', async () => {
    const bodies: string[] = []
    const session = await startRecorded({
      answer: async (request) => {
        bodies.push(await request.text())
        return refusing('access-1')(request, 0)
      },
    })
    const body = new Blob(['streamed']).stream()
    await session.auth.fetch(new Request(`${apiOrigin}/x`, { method: 'POST', body, duplex: 'half' } as RequestInit))
    expect(bodies).toEqual(['streamed', 'streamed'])
  })

  it('B2: the body of a Request that is given as init is sent again', async () => {
    const { auth, server, baseUrl } = await startSession()
    server.refuseAccessTokens()
    const init = new Request('https://x.example/', { method: 'PUT', headers: { 'x-own': '1' }, body: 'body' })
    const own = new Request(`${baseUrl}/x`, { headers: { 'x-lost': '1' } })
    for (const input of ['/x', own]) {
      const echo = await (await auth.fetch(input, init.clone())).json()
      expect(echo).toMatchObject({ method: 'PUT', path: '/x', body: 'body', headers: { 'x-own': '1' } })
      expect(echo.headers).not.toHaveProperty('x-lost')
    }
    expect(server.counts).toMatchObject({ tokenRequests: 1, api: { requests: 3 } })
  })

  it('B2: the body of init takes the place of the Request’s, each time', async () => {
    const bodies: string[] = []
    const session = await startRecorded({
      answer: async (request) => {
        bodies.push(await request.text())
        return refusing('access-1')(request, 0)
      },
    })
    await session.auth.fetch(new Request(`${apiOrigin}/x`, { method: 'POST', body: 'of the request' }), {
      body: 'of init',
    })
    expect(bodies).toEqual(['of init', 'of init'])
  })
})

describe('a stream body', () => {
  const streams: [string, () => BodyInit][] = [
    ['a ReadableStream', () => new Blob(['x']).stream()],
    ['a Node stream', () => Readable.from([Buffer.from('x')]) as never],
    [
      'an async iterable',
      () =>
        (async function* () {
          yield Buffer.from('x')
        })() as never,
    ],
  ]
  const post = (body: BodyInit): RequestInit => ({ method: 'POST', body, duplex: 'half' }) as RequestInit

  it.each(streams)('B3: %s is not resent: the refresh happens, and its 401 says why', async (_, body) => {
    const session = await startRecorded({ answer: refusing('access-1') })
    const response = await session.auth.fetch('/x', post(body()))
    expect([response.status, await response.text()]).toEqual([401, 'refused'])
    expect(notResentBecause(response)).toBe('streamBody')
    expect(authorizations(session)).toEqual([ours(1)])
    expect(session.refreshes()).toBe(1)
    expect(session.auth.getTokens()?.accessToken).toBe('access-2')
  })

  it.each(streams)('B3: %s waits for the refresh that others only start', async (_, body) => {
    const session = await startRecorded()
    session.clock.shiftWallClock(seconds(250))
    await session.auth.fetch('/x', post(body()))
    expect(authorizations(session)).toEqual([ours(2)])
  })

  it('B3: one refused with an older token than the present one gets its 401 without a refresh', async () => {
    let refuse = (): void => {}
    const session = await startRecorded({
      answer: () =>
        new Promise((resolve) => {
          refuse = () => resolve(new Response('refused', { status: 401 }))
        }),
    })
    const request = session.auth.fetch('/x', post(new Blob(['x']).stream()))
    await session.auth.getAccessToken({ forceRefresh: true })
    refuse()
    const response = await request
    expect(notResentBecause(response)).toBe('streamBody')
    expect(await response.text()).toBe('refused')
    expect(session.refreshes()).toBe(1)
  })

  it('B3, E4: goes out with the valid token where the refresh fails', async () => {
    const session = await startSession()
    session.server.faults.token.always({ status: 503 })
    session.clock.shiftWallClock(seconds(250))
    const request = outcome(session.auth.fetch('/x', post(new Blob(['x']).stream())))
    await session.clock.advance(seconds(10))
    expect(request.value?.status).toBe(200)
  })

  it('B3: an outage is told from a refusal, also here', async () => {
    const session = await startSession()
    session.server.faults.token.always({ status: 503 })
    session.server.refuseAccessTokens()
    const request = outcome(session.auth.fetch('/x', post(new Blob(['x']).stream())))
    await session.clock.advance(seconds(10))
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
  })
})

describe('the method', () => {
  it('A4: is shown to predicates as fetch sends it', async () => {
    const seen: string[] = []
    const { auth, baseUrl } = await startSession({
      client: {
        authenticate: ({ method }) => {
          seen.push(method)
          return true
        },
      },
    })
    for (const method of ['get', 'post', 'Delete', 'PUT', 'patch']) await auth.fetch('/x', { method })
    await auth.fetch(new Request(`${baseUrl}/x`, { method: 'post' }))
    await auth.fetch('/x')
    expect(seen).toEqual(['GET', 'POST', 'DELETE', 'PUT', 'patch', 'POST', 'GET'])
  })
})

describe('a fetch with responses of its own kind, as node-fetch has them', () => {
  it('R3, X4: is refreshed over, and sent again', async () => {
    const { server, client } = await startSession()
    const fetch = async (...args: Parameters<typeof globalThis.fetch>): Promise<Response> => {
      const response = await server.fetch(...args)
      const body = await response.text()
      return Object.defineProperties(new Response(body, response), {
        body: { value: Readable.from([body]) },
        url: { value: response.url },
      })
    }
    const { auth } = client({ fetch })
    await auth.signIn(server.signIn())
    server.refuseAccessTokens()
    expect(await (await auth.fetch('/x')).json()).toMatchObject({ path: '/x' })
    expect(server.counts).toMatchObject({ tokenRequests: 1, api: { requests: 2 } })
  })
})

describe('a signal', () => {
  it('Q2: of a Request is taken away by null', async () => {
    const { auth, baseUrl } = await startSession({ sockets: true })
    const request = new Request(`${baseUrl}/x`, { signal: AbortSignal.abort() })
    expect((await auth.fetch(request, { signal: null })).status).toBe(200)
    await expect(auth.fetch(request)).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('Q2: what is no signal rejects its own request, as fetch does, and no other that waits', async () => {
    const { auth, clock } = await startSession()
    clock.shiftWallClock(seconds(300))
    const wrong = expect(auth.fetch('/wrong', { signal: {} as never })).rejects.toThrow(TypeError)
    expect((await auth.fetch('/x')).status).toBe(200)
    await wrong
  })
})

describe('arguments that fetch refuses', () => {
  const refused: [string, unknown, unknown?][] = [
    ['a symbol', Symbol('url')],
    ['no URL', 'http://['],
    ['a GET with a body', '/x', { body: 'x' }],
    ['a method there cannot be', '/x', { method: 'CONNECT' }],
    ['headers that are none', '/x', { headers: null }],
    ['a signal that is none', '/x', { signal: 1 }],
    ['an init that is none', '/x', 'init'],
  ]
  it.each(refused)('reject as they do there, with a TypeError: %s', async (_, input, init) => {
    const { auth, baseUrl } = await startSession({ sockets: true })
    const plain = typeof input === 'string' ? input.replace(/^\//, `${baseUrl}/`) : input
    await expect(fetch(plain as string, init as never)).rejects.toThrow(TypeError)
    await expect(auth.fetch(input as string, init as never)).rejects.toThrow(TypeError)
  })
})
