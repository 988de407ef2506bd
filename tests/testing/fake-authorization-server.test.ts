import { describe, expect, it } from 'vitest'
import {
  type FakeAuthorizationServerOptions,
  fakeAuthorizationServer,
  fakeClock,
  type ServerExchange,
} from '../../src/testing'

const origin = 'https://server.example'

function setUp(options: FakeAuthorizationServerOptions = {}) {
  const clock = fakeClock()
  const server = fakeAuthorizationServer({ clock, accessTokenTtlMs: 60_000, ...options })
  const api = (accessToken?: string, path = '/things', init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (accessToken !== undefined) headers.set('authorization', `Bearer ${accessToken}`)
    return server.fetch(origin + path, { ...init, headers })
  }
  const form = (fields: Record<string, string>, path = '/token'): Promise<Response> =>
    server.fetch(origin + path, { method: 'POST', body: new URLSearchParams(fields) })
  const json = (body: unknown, path = '/token'): Promise<Response> =>
    server.fetch(origin + path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  const refresh = (refreshToken = ''): Promise<Response> =>
    form({ grant_type: 'refresh_token', refresh_token: refreshToken })
  return { clock, server, api, form, json, refresh }
}

const statusAndBody = async (response: Response): Promise<[number, unknown]> => [response.status, await response.json()]

describe('signing in', () => {
  it('gives tokens of a new family each time, with names that can be foretold', () => {
    const { server } = setUp()
    expect(server.signIn('first')).toEqual({
      token_type: 'Bearer',
      access_token: 'fake-access-1-1',
      refresh_token: 'fake-refresh-1-1',
      expires_in: 60,
    })
    expect(server.signIn('second').access_token).toBe('fake-access-2-1')
  })

  it('takes a lifetime of milliseconds and a prefix', () => {
    const { server } = setUp({ accessTokenTtlMs: 250, tokenPrefix: 'secret.' })
    expect(server.signIn()).toMatchObject({ expires_in: 0.25, access_token: 'secret.access-1-1' })
  })

  it('writes JWTs that decode', async () => {
    const { server, clock, api } = setUp({ tokenFormat: 'jwt', issuer: 'https://issuer.example' })
    const { access_token: accessToken } = server.signIn('üser')
    const [header, payload, signature] = accessToken.split('.')
    const decode = (part = ''): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
    expect(decode(header)).toEqual({ alg: 'none', typ: 'JWT' })
    expect(decode(payload)).toEqual({
      iss: 'https://issuer.example',
      sub: 'üser',
      iat: clock.now() / 1000,
      exp: clock.now() / 1000 + 60,
      jti: 'fake-access-1-1',
    })
    expect(signature).toBe('')
    expect((await api(accessToken)).status).toBe(200)
  })
})

describe('the token endpoint', () => {
  it('refreshes with a form and rotates', async () => {
    const { server, refresh, api } = setUp()
    const tokens = server.signIn()
    const response = await refresh(tokens.refresh_token)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await statusAndBody(response)).toEqual([
      200,
      { token_type: 'Bearer', access_token: 'fake-access-1-2', refresh_token: 'fake-refresh-1-2', expires_in: 60 },
    ])
    expect((await api('fake-access-1-2')).status).toBe(200)
    expect((await api(tokens.access_token)).status).toBe(200)
    expect(server.counts).toMatchObject({ tokenRequests: 1, refreshes: 1, rejected: 0, reused: 0 })
  })

  it('reads JSON, and answers in the words it was asked in', async () => {
    const { server, json } = setUp()
    const { refresh_token } = server.signIn()
    const wire = await json({ grant_type: 'refresh_token', refresh_token })
    expect(await wire.json()).toMatchObject({ access_token: 'fake-access-1-2', refresh_token: 'fake-refresh-1-2' })
    const camelCase = await json({ refreshToken: 'fake-refresh-1-2' })
    expect(await camelCase.json()).toEqual({
      tokenType: 'Bearer',
      accessToken: 'fake-access-1-3',
      refreshToken: 'fake-refresh-1-3',
      expiresIn: 60,
    })
  })

  it('writes its answers as it is told', async () => {
    const { server, refresh } = setUp({ answer: (tokens) => ({ data: { token: tokens.access_token } }) })
    const response = await refresh(server.signIn().refresh_token)
    expect(await response.json()).toEqual({ data: { token: 'fake-access-1-2' } })
  })

  it.each([
    [{ grant_type: 'refresh_token', refresh_token: 'never-issued' }, 'invalid_grant'],
    [{ grant_type: 'refresh_token' }, 'invalid_request'],
    [{ refresh_token: 'without-grant-type' }, 'invalid_request'],
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
  ])('answers %j with 400 %s', async (fields, error) => {
    const { form, json } = setUp()
    expect(await statusAndBody(await form(fields))).toEqual([400, { error }])
    expect(await statusAndBody(await json(fields))).toEqual([400, { error }])
  })

  it.each(['{', '[]', 'null', '"text"'])('answers the JSON %s with 400 invalid_request', async (body) => {
    const { json } = setUp()
    expect(await statusAndBody(await json(body))).toEqual([400, { error: 'invalid_request' }])
  })

  it('takes nothing but POST', async () => {
    const { server } = setUp()
    const response = await server.fetch(`${origin}/token`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('rotation and reuse', () => {
  it('ends the whole family when a refresh token is used twice', async () => {
    const { server, refresh, api } = setUp()
    const { refresh_token: first } = server.signIn()
    await refresh(first)
    expect(await statusAndBody(await refresh(first))).toEqual([400, { error: 'invalid_grant' }])
    expect((await refresh('fake-refresh-1-2')).status).toBe(400)
    expect((await api('fake-access-1-2')).status).toBe(401)
    expect(server.counts).toMatchObject({ refreshes: 1, rejected: 2, reused: 1, familiesRevoked: 1 })
  })

  it('leaves other families alone', async () => {
    const { server, refresh } = setUp()
    const { refresh_token: first } = server.signIn()
    const { refresh_token: other } = server.signIn()
    await refresh(first)
    await refresh(first)
    expect((await refresh(other)).status).toBe(200)
  })

  it('deny: refuses the second use and nothing else', async () => {
    const { server, refresh } = setUp({ reuse: 'deny' })
    const { refresh_token: first } = server.signIn()
    await refresh(first)
    expect((await refresh(first)).status).toBe(400)
    expect((await refresh('fake-refresh-1-2')).status).toBe(200)
    expect(server.counts).toMatchObject({ reused: 1, familiesRevoked: 0 })
  })

  it('grace: the second use works for a while, counted from the first', async () => {
    const { server, refresh, clock } = setUp({ reuse: 'grace', graceMs: 1_000 })
    const { refresh_token: first } = server.signIn()
    await refresh(first)
    await clock.advance(600)
    expect(await (await refresh(first)).json()).toMatchObject({ refresh_token: 'fake-refresh-1-3' })
    await clock.advance(400)
    expect((await refresh(first)).status).toBe(200)
    await clock.advance(1)
    expect((await refresh(first)).status).toBe(400)
    expect((await refresh('fake-refresh-1-3')).status).toBe(400)
    expect(server.counts).toMatchObject({ refreshes: 3, reused: 3, familiesRevoked: 1 })
  })

  it('without rotation the refresh token stays in force and is not sent again', async () => {
    const { server, refresh } = setUp({ rotate: false })
    const { refresh_token: only } = server.signIn()
    expect(await (await refresh(only)).json()).not.toHaveProperty('refresh_token')
    expect((await refresh(only)).status).toBe(200)
    expect(server.counts.reused).toBe(0)
  })
})

describe('the protected API', () => {
  it('echoes the request, but no token and no cookie', async () => {
    const { server, api } = setUp()
    const { access_token: accessToken } = server.signIn('owner')
    const response = await api(accessToken, '/things/1?full=yes', {
      method: 'PUT',
      body: 'snow ☃',
      headers: { 'x-trace': 'abc', cookie: 'refresh=hidden' },
    })
    const echo: unknown = await response.json()
    expect(echo).toEqual({
      user: 'owner',
      method: 'PUT',
      path: '/things/1',
      query: '?full=yes',
      contentType: 'text/plain;charset=UTF-8',
      body: 'snow ☃',
      bodyBase64: Buffer.from('snow ☃').toString('base64'),
      headers: { 'content-type': 'text/plain;charset=UTF-8', 'x-trace': 'abc' },
    })
  })

  it('keeps the bytes of a large binary body', async () => {
    const { server, api } = setUp()
    const bytes = Uint8Array.from({ length: 200_000 }, (_, at) => at % 256)
    const response = await api(server.signIn().access_token, '/upload', { method: 'POST', body: bytes })
    const { bodyBase64 } = await response.json()
    expect(Buffer.from(bodyBase64, 'base64').equals(bytes)).toBe(true)
  })

  it('asks a handler of its own', async () => {
    const { server, api } = setUp({ api: (request, { user }) => Response.json([user, request.method]) })
    expect(await (await api(server.signIn('owner').access_token)).json()).toEqual(['owner', 'GET'])
  })

  it('is only what begins with apiPath', async () => {
    const { server, api } = setUp({ apiPath: '/api/' })
    const { access_token: accessToken } = server.signIn()
    expect((await api(accessToken, '/api/things')).status).toBe(200)
    expect((await api(accessToken, '/elsewhere')).status).toBe(404)
    expect(server.counts.api.requests).toBe(1)
  })

  it('looks into another header, for another scheme', async () => {
    const { server } = setUp({ header: 'X-Access', scheme: '' })
    const { access_token: accessToken } = server.signIn()
    const response = await server.fetch(`${origin}/things`, { headers: { 'x-access': accessToken } })
    expect(response.status).toBe(200)
    expect(await response.text()).not.toContain(accessToken)
  })

  it.each(['Bearer fake-access-1-1', 'bearer fake-access-1-1', 'BEARER  fake-access-1-1'])(
    'takes %j, since a scheme has no case',
    async (authorization) => {
      const { server } = setUp()
      server.signIn()
      expect((await server.fetch(`${origin}/things`, { headers: { authorization } })).status).toBe(200)
    },
  )

  it('expires a token at its instant, not before', async () => {
    const { server, api, clock } = setUp()
    const { access_token: accessToken } = server.signIn()
    await clock.advance(59_999)
    expect((await api(accessToken)).status).toBe(200)
    await clock.advance(1)
    expect((await api(accessToken)).status).toBe(401)
    expect(server.counts.api).toEqual({ requests: 2, accepted: 1, refused: 1 })
  })

  it('keeps its own time when the wall clock of a shared clock is turned', async () => {
    const { server, api, clock } = setUp()
    const { access_token: accessToken } = server.signIn()
    clock.shiftWallClock(3_600_000)
    expect((await api(accessToken)).status).toBe(200)
    clock.shiftWallClock(-7_200_000)
    await clock.advance(60_000)
    expect((await api(accessToken)).status).toBe(401)
  })
})

describe('commands', () => {
  it('expires what was issued until now, of everybody or of one user', async () => {
    const { server, api, refresh } = setUp()
    const [mine, yours] = [server.signIn('me'), server.signIn('you')]
    server.expireAccessTokens('me')
    expect((await api(mine.access_token)).status).toBe(401)
    expect((await api(yours.access_token)).status).toBe(200)
    server.expireAccessTokens()
    expect((await api(yours.access_token)).status).toBe(401)
    await refresh(mine.refresh_token)
    expect((await api('fake-access-1-2')).status).toBe(200)
  })

  it('leaves a token that expired before its own date', async () => {
    const { server, api, clock } = setUp()
    const { access_token: accessToken } = server.signIn()
    await clock.advance(120_000)
    server.expireAccessTokens()
    expect((await api(accessToken)).headers.get('www-authenticate')).toContain("expired at '01/01/2026 00:01:00'")
  })

  it('refuses what was issued until now, of everybody or of one user', async () => {
    const { server, api, refresh } = setUp()
    const [mine, yours] = [server.signIn('me'), server.signIn('you')]
    server.refuseAccessTokens('me')
    expect((await api(mine.access_token)).status).toBe(401)
    expect((await api(yours.access_token)).status).toBe(200)
    server.refuseAccessTokens()
    expect((await api(yours.access_token)).status).toBe(401)
    await refresh(yours.refresh_token)
    expect((await api('fake-access-2-2')).status).toBe(200)
  })

  it('ends a family, by any of its tokens, once', async () => {
    const { server, api, refresh } = setUp()
    const [one, two, three] = [server.signIn('me'), server.signIn('me'), server.signIn('you')]
    server.revokeFamily(one.access_token)
    server.revokeFamily(one.refresh_token ?? '')
    server.revokeFamily('never-issued')
    expect(server.counts.familiesRevoked).toBe(1)
    expect((await api(one.access_token)).status).toBe(401)
    expect((await refresh(one.refresh_token)).status).toBe(400)
    expect((await api(two.access_token)).status).toBe(200)
    server.revokeUser('me')
    expect(server.counts.familiesRevoked).toBe(2)
    expect((await api(two.access_token)).status).toBe(401)
    expect((await api(three.access_token)).status).toBe(200)
  })

  it('names tokens without showing them', async () => {
    const { server, refresh } = setUp()
    const tokens = server.signIn()
    await refresh(tokens.refresh_token)
    expect(server.label('fake-access-1-2')).toBe('access 2 of family 1')
    expect(server.label(tokens.refresh_token ?? '')).toBe('refresh 1 of family 1')
    expect(server.label('never-issued')).toBeUndefined()
  })

  it('counts anew after resetCounts, in the same object', async () => {
    const { server, api, refresh } = setUp()
    const { counts } = server
    await api()
    await refresh('never-issued')
    server.resetCounts()
    expect(counts).toEqual({
      tokenRequests: 0,
      refreshes: 0,
      rejected: 0,
      reused: 0,
      familiesRevoked: 0,
      revocations: 0,
      endSessions: 0,
      api: { requests: 0, accepted: 0, refused: 0 },
    })
    await api()
    expect(counts.api.refused).toBe(1)
  })
})

describe('revocation and end of session', () => {
  it('a refresh token ends its family (RFC 7009)', async () => {
    const { server, form, api } = setUp()
    const tokens = server.signIn()
    expect((await form({ token: tokens.refresh_token ?? '' }, '/revoke')).status).toBe(200)
    expect((await api(tokens.access_token)).status).toBe(401)
    expect(server.counts).toMatchObject({ revocations: 1, familiesRevoked: 1 })
  })

  it('an access token ends only itself', async () => {
    const { server, form, api, refresh } = setUp()
    const tokens = server.signIn()
    await form({ token: tokens.access_token }, '/revoke')
    expect((await api(tokens.access_token)).status).toBe(401)
    expect((await refresh(tokens.refresh_token)).status).toBe(200)
    expect(server.counts).toMatchObject({ revocations: 1, familiesRevoked: 0 })
  })

  it('answers 200 to a token it does not know, 400 to none', async () => {
    const { server, form } = setUp()
    expect((await form({ token: 'never-issued' }, '/revoke')).status).toBe(200)
    expect(await statusAndBody(await form({}, '/revoke'))).toEqual([400, { error: 'invalid_request' }])
    expect(server.counts.revocations).toBe(1)
  })

  it('sends the browser back where it asked to go, with its state', async () => {
    const { server } = setUp()
    const back = encodeURIComponent('https://app.example/bye?x=1')
    const response = await server.fetch(`${origin}/end-session?post_logout_redirect_uri=${back}&state=s`)
    expect([response.status, response.headers.get('location')]).toEqual([302, 'https://app.example/bye?x=1&state=s'])
    expect((await server.fetch(`${origin}/end-session`)).status).toBe(200)
    expect((await server.fetch(`${origin}/end-session?post_logout_redirect_uri=nowhere`)).status).toBe(200)
    expect(server.counts.endSessions).toBe(3)
  })
})

describe('the refresh cookie', () => {
  const cookieOf = (response: Response): string => response.headers.getSetCookie()[0] ?? ''
  const withCookie = (cookie: string): RequestInit => ({
    method: 'POST',
    headers: { cookie: `a=b; ${cookie.split(';')[0]}` },
  })

  it('is set by the login, out of reach of scripts, and rotated by each refresh', async () => {
    const { server, json } = setUp({ refreshTokenIn: 'cookie' })
    const login = await json({ user: 'owner' }, '/auth/login')
    expect(cookieOf(login)).toBe('refresh=fake-refresh-1-1; Path=/; HttpOnly; SameSite=Lax; Secure')
    expect(await login.json()).toEqual({ tokenType: 'Bearer', accessToken: 'fake-access-1-1', expiresIn: 60 })
    const refreshed = await server.fetch(`${origin}/auth/refresh`, withCookie(cookieOf(login)))
    expect(cookieOf(refreshed)).toContain('refresh=fake-refresh-1-2;')
    expect(await refreshed.json()).toEqual({ tokenType: 'Bearer', accessToken: 'fake-access-1-2', expiresIn: 60 })
    expect(server.counts).toMatchObject({ tokenRequests: 1, refreshes: 1 })
  })

  it('is not Secure over http, where a client would drop it', async () => {
    const { server } = setUp({ refreshTokenIn: 'cookie' })
    expect(cookieOf(await server.fetch('http://127.0.0.1/auth/login', { method: 'POST' }))).not.toContain('Secure')
  })

  it('is refused with 401, without one and after its end', async () => {
    const { server, json } = setUp({ refreshTokenIn: 'cookie' })
    const bare = await server.fetch(`${origin}/auth/refresh`, { method: 'POST' })
    expect(await statusAndBody(bare)).toEqual([401, { error: 'invalid_grant' }])
    const login = await json({}, '/auth/login')
    const logout = await server.fetch(`${origin}/auth/logout`, withCookie(cookieOf(login)))
    expect([logout.status, cookieOf(logout)]).toEqual([
      204,
      'refresh=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0',
    ])
    expect(server.counts.familiesRevoked).toBe(1)
    const late = await server.fetch(`${origin}/auth/refresh`, withCookie(cookieOf(login)))
    expect(late.status).toBe(401)
  })

  it('is not used where the login answers with the refresh token', async () => {
    const { json } = setUp()
    const login = await json({ user: 'owner' }, '/auth/login')
    expect(login.headers.getSetCookie()).toEqual([])
    expect(await login.json()).toMatchObject({ refreshToken: 'fake-refresh-1-1' })
    const refreshed = await json({ refreshToken: 'fake-refresh-1-1' }, '/auth/refresh')
    expect(refreshed.headers.getSetCookie()).toEqual([])
    expect(await refreshed.json()).toMatchObject({ refreshToken: 'fake-refresh-1-2' })
  })

  it('answers 400 to a login that cannot be read', async () => {
    const { json } = setUp()
    expect((await json('{', '/auth/login')).status).toBe(400)
  })
})

describe('paths', () => {
  it('can be other ones; the usual ones are the protected API then', async () => {
    const { server, form } = setUp({ paths: { token: '/oauth/token' } })
    const fields = { grant_type: 'refresh_token', refresh_token: server.signIn().refresh_token ?? '' }
    expect((await form(fields, '/oauth/token')).status).toBe(200)
    expect((await form(fields, '/token')).status).toBe(401)
  })
})

describe('challenges', () => {
  async function refusals(challenge: FakeAuthorizationServerOptions['challenge']) {
    const { server, api, clock } = setUp(challenge === undefined ? {} : { challenge })
    const { access_token: expired } = server.signIn()
    await clock.advance(60_000)
    const { access_token: refused } = server.signIn()
    server.refuseAccessTokens()
    const revoked = server.signIn()
    server.revokeFamily(revoked.access_token)
    const responses = await Promise.all(
      [undefined, 'unknown', expired, refused, revoked.access_token].map((token) => api(token)),
    )
    return Promise.all(
      responses.map(async (response) => [
        response.status,
        response.headers.get('www-authenticate'),
        await response.text(),
      ]),
    )
  }

  it('aspnet: the headers of JwtBearer, and an empty body', async () => {
    expect(await refusals(undefined)).toEqual([
      [401, 'Bearer', ''],
      [401, 'Bearer error="invalid_token", error_description="The signature is invalid"', ''],
      [401, `Bearer error="invalid_token", error_description="The token expired at '01/01/2026 00:01:00'"`, ''],
      [401, 'Bearer error="invalid_token", error_description="The signature key was not found"', ''],
      [401, 'Bearer error="invalid_token", error_description="The signature key was not found"', ''],
    ])
  })

  it('plain: RFC 6750', async () => {
    const invalid = 'Bearer realm="api", error="invalid_token", error_description="The access token is invalid"'
    expect(await refusals('plain')).toEqual([
      [401, 'Bearer realm="api"', ''],
      [401, invalid, ''],
      [401, 'Bearer realm="api", error="invalid_token", error_description="The access token expired"', ''],
      [401, invalid, ''],
      [401, invalid, ''],
    ])
  })

  it('bare and none', async () => {
    expect(await refusals('bare')).toEqual(Array(5).fill([401, 'Bearer', '']))
    expect(await refusals('none')).toEqual(Array(5).fill([401, null, '']))
  })

  it('json: a body and no header', async () => {
    const failed = [401, null, '{"error":"authentication failed"}']
    expect(await refusals('json')).toEqual([failed, failed, [401, null, '{"error":"token expired"}'], failed, failed])
  })

  it('a function of its own', async () => {
    const seen = await refusals(({ reason, expiredAt }) => Response.json([reason, expiredAt ?? 0], { status: 419 }))
    expect(seen).toEqual([
      [419, null, '["missing",0]'],
      [419, null, '["unknown",0]'],
      [419, null, `["expired",${Date.UTC(2026, 0, 1, 0, 1)}]`],
      [419, null, '["refused",0]'],
      [419, null, '["revoked",0]'],
    ])
  })
})

describe('the log of exchanges', () => {
  it('tells each, with labels instead of tokens', async () => {
    const { server, api, refresh, clock, json } = setUp()
    const log: ServerExchange[] = []
    const stop = server.onExchange((exchange) => log.push(exchange))
    const { access_token, refresh_token } = server.signIn('owner')
    const start = clock.now()
    server.expireAccessTokens()
    server.faults.token.next({ delayMs: 70 })
    await api(access_token, '/things?secret=1')
    const refreshing = refresh(refresh_token)
    await clock.advance(70)
    await refreshing
    await json({ user: 'guest' }, '/auth/login')
    stop()
    await api()
    expect(log).toEqual([
      {
        id: 1,
        at: start,
        durationMs: 0,
        route: 'api',
        method: 'GET',
        path: '/things',
        user: 'owner',
        status: 401,
        shown: 'access 1 of family 1',
        refusal: 'expired',
      },
      {
        id: 2,
        at: start,
        durationMs: 70,
        route: 'token',
        method: 'POST',
        path: '/token',
        user: 'owner',
        status: 200,
        shown: 'refresh 1 of family 1',
        issued: 'access 2 of family 1',
      },
      {
        id: 3,
        at: start + 70,
        durationMs: 0,
        route: 'login',
        method: 'POST',
        path: '/auth/login',
        user: 'guest',
        status: 200,
        issued: 'access 1 of family 2',
      },
    ])
    expect(JSON.stringify(log)).not.toContain('fake-')
  })

  it('tells of a request without an answer', async () => {
    const { server, api } = setUp()
    const log: ServerExchange[] = []
    server.onExchange((exchange) => log.push(exchange))
    server.faults.api.next({ reset: true })
    await expect(api()).rejects.toThrow(TypeError)
    expect(log).toMatchObject([{ route: 'api', status: undefined }])
  })
})

describe('CORS', () => {
  const preflight = (server: { fetch: typeof fetch }, from: string): Promise<Response> =>
    server.fetch(`${origin}/things`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization,x-trace',
      },
    })

  it('is off unless asked for: a preflight is a request like any other', async () => {
    const { server } = setUp()
    const response = await preflight(server, 'https://app.example')
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([401, null])
  })

  it('answers preflights, which are not counted', async () => {
    const { server } = setUp({ cors: true })
    const response = await preflight(server, 'https://app.example')
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toEqual({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'authorization,x-trace',
      'access-control-max-age': '600',
      vary: 'Origin',
    })
    expect(server.counts.api.requests).toBe(0)
  })

  it('lets a page read refusals, and keeps the cookies of an answer', async () => {
    const { server, api } = setUp({ cors: true, refreshTokenIn: 'cookie' })
    const headers = { origin: 'https://app.example' }
    const refused = await api(undefined, '/things', { headers })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toBe('Bearer')
    expect(refused.headers.get('access-control-expose-headers')).toContain('www-authenticate')
    const login = await server.fetch(`${origin}/auth/login`, { method: 'POST', headers })
    expect(login.headers.getSetCookie()).toHaveLength(1)
    expect(login.headers.get('access-control-allow-origin')).toBe('https://app.example')
  })

  it('shuts out the origins that the function does not let in', async () => {
    const { server, api } = setUp({ cors: (from) => from === 'https://app.example' })
    expect((await preflight(server, 'https://app.example')).status).toBe(204)
    expect((await preflight(server, 'https://evil.example')).status).toBe(403)
    const response = await api(undefined, '/', { headers: { origin: 'https://evil.example' } })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })
})
