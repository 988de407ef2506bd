import { describe, expect, it } from 'vitest'
import { type Fault, fakeAuthorizationServer, fakeClock } from '../../src/testing'

const origin = 'https://server.example'

function setUp() {
  const clock = fakeClock()
  const server = fakeAuthorizationServer({ clock })
  const tokens = server.signIn()
  let refreshToken = tokens.refresh_token ?? ''
  const refresh = async (init: RequestInit = {}): Promise<Response> => {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken })
    const response = await server.fetch(`${origin}/token`, { method: 'POST', body, ...init })
    if (response.ok) {
      const { refresh_token } = await response
        .clone()
        .json()
        .catch(() => ({}))
      refreshToken = refresh_token ?? refreshToken
    }
    return response
  }
  const api = (path = '/things', init: RequestInit = {}): Promise<Response> =>
    server.fetch(origin + path, { headers: { authorization: `Bearer ${tokens.access_token}` }, ...init })
  return { clock, server, refresh, api }
}

describe('faults', () => {
  const answers: [Fault, number, string | null, string][] = [
    [{ status: 503 }, 503, null, ''],
    [{ status: 200, body: {} }, 200, 'application/json', '{}'],
    [{ status: 500, body: 'down' }, 500, 'text/plain; charset=utf-8', 'down'],
    [{ status: 200, body: '<p>', headers: { 'content-type': 'text/html' } }, 200, 'text/html', '<p>'],
    [{ oauthError: 'invalid_scope' }, 400, 'application/json', '{"error":"invalid_scope"}'],
    [{ oauthError: 'invalid_client' }, 401, 'application/json', '{"error":"invalid_client"}'],
    [{ oauthError: 'server_error', status: 500 }, 500, 'application/json', '{"error":"server_error"}'],
    [{ html: true }, 502, 'text/html; charset=utf-8', '<!doctype html><title>Bad gateway</title>'],
    [{ html: true, status: 400 }, 400, 'text/html; charset=utf-8', '<!doctype html><title>Bad gateway</title>'],
    [{ malformed: true }, 200, 'application/json', '{"access_token":"'],
    [{ malformed: true, status: 400 }, 400, 'application/json', '{"access_token":"'],
  ]

  it.each(answers)('%j', async (fault, status, contentType, body) => {
    const { server, refresh, api } = setUp()
    for (const [plan, ask] of [
      [server.faults.token, refresh],
      [server.faults.api, api],
    ] as const) {
      plan.next(fault)
      const response = await ask()
      expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
        status,
        contentType,
        body,
      ])
      expect((await ask()).status).toBe(200)
    }
    expect(server.counts).toMatchObject({
      tokenRequests: 2,
      refreshes: 1,
      api: { requests: 2, accepted: 1, refused: 0 },
    })
  })

  it('retryAfter: in seconds or as a date', async () => {
    const { server, refresh } = setUp()
    server.faults.token.next(
      { status: 503, retryAfter: 2 },
      { oauthError: 'temporarily_unavailable', retryAfter: 'Thu, 01 Jan 2026 00:00:10 GMT' },
    )
    expect((await refresh()).headers.get('retry-after')).toBe('2')
    expect((await refresh()).headers.get('retry-after')).toBe('Thu, 01 Jan 2026 00:00:10 GMT')
  })

  it('refuse: the refusal of the endpoint itself, whatever it is shown', async () => {
    const { server, refresh, api } = setUp()
    server.faults.token.next({ refuse: true })
    server.faults.api.next({ refuse: true })
    expect(await (await refresh()).json()).toEqual({ error: 'invalid_grant' })
    const refused = await api()
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token", error_description="The signature key was not found"',
    ])
    expect(server.counts.api.refused).toBe(1)
    server.faults.token.next({ refuse: true })
    expect((await server.fetch(`${origin}/auth/refresh`, { method: 'POST' })).status).toBe(401)
  })

  it('reset: rejects as fetch does', async () => {
    const { server, refresh } = setUp()
    server.faults.token.next({ reset: true })
    await expect(refresh()).rejects.toMatchObject({ name: 'TypeError', cause: { code: 'ECONNRESET' } })
    expect(server.counts).toMatchObject({ tokenRequests: 1, refreshes: 0 })
  })

  it('reset, handled by others: handle rejects with a ConnectionResetError', async () => {
    const { server } = setUp()
    server.faults.api.next({ reset: true })
    await expect(server.handle(new Request(origin))).rejects.toMatchObject({ name: 'ConnectionResetError' })
  })

  it('hang: until the client gives up, with its reason', async () => {
    const { server, refresh } = setUp()
    server.faults.token.next({ hang: true })
    const client = new AbortController()
    const hanging = refresh({ signal: client.signal })
    client.abort(new RangeError('enough'))
    await expect(hanging).rejects.toThrow(RangeError)
  })

  it('delayMs: late and right, by the clock of the server', async () => {
    const { server, refresh, clock } = setUp()
    server.faults.token.next({ delayMs: 500 })
    let status = 0
    const refreshing = refresh().then((response) => {
      status = response.status
    })
    await clock.advance(499)
    expect([status, server.counts.refreshes]).toEqual([0, 0])
    await clock.advance(1)
    await refreshing
    expect([status, server.counts.refreshes]).toEqual([200, 1])
  })

  it('delayMs: a client that gives up leaves no timer', async () => {
    const { server, refresh, clock } = setUp()
    server.faults.token.next({ delayMs: 500 })
    const client = new AbortController()
    const refreshing = refresh({ signal: client.signal })
    await clock.advance(1)
    client.abort()
    await expect(refreshing).rejects.toMatchObject({ name: 'AbortError' })
    await clock.advance(0)
    expect([clock.pending, server.counts.refreshes]).toEqual([0, 0])
  })

  it('afterActing: it was done all the same', async () => {
    const { server, refresh, clock } = setUp()
    server.faults.token.next({ status: 503, afterActing: true })
    expect((await refresh()).status).toBe(503)
    expect(server.counts.refreshes).toBe(1)
    server.faults.token.next({ delayMs: 100, afterActing: true })
    const late = refresh()
    await clock.advance(99)
    expect(server.counts).toMatchObject({ reused: 1 })
    await clock.advance(1)
    expect((await late).status).toBe(400)
  })

  it('a queue goes before the standing fault, and clear ends both', async () => {
    const { server, api } = setUp()
    const { api: plan } = server.faults
    const next = async (): Promise<number> => (await api()).status
    plan.always({ status: 500 })
    plan.next({ status: 501 }, { status: 502 })
    expect([await next(), await next(), await next(), await next()]).toEqual([501, 502, 500, 500])
    plan.always(undefined)
    expect(await next()).toBe(200)
    plan.always({ status: 500 })
    plan.next({ status: 501 })
    plan.clear()
    expect(await next()).toBe(200)
  })

  it('go wrong at their own endpoint alone', async () => {
    const { server, refresh, api } = setUp()
    server.faults.token.always({ status: 503 })
    expect((await api()).status).toBe(200)
    expect((await refresh()).status).toBe(503)
    expect((await server.fetch(`${origin}/auth/login`, { method: 'POST' })).status).toBe(200)
  })
})

describe('gates', () => {
  it('hold requests until they are released, in the order they came', async () => {
    const { server, api } = setUp()
    const gate = server.holdApiRequests()
    const answered: string[] = []
    const all = ['/a', '/b', '/c'].map((path) => api(path).then(() => answered.push(path)))
    await gate.arrived(3)
    expect([gate.waiting, answered, server.counts.api]).toEqual([3, [], { requests: 3, accepted: 0, refused: 0 }])
    gate.release()
    await Promise.all(all)
    expect(answered).toEqual(['/a', '/b', '/c'])
  })

  it('judge a request when it goes on, not when it came', async () => {
    const { server, api } = setUp()
    const gate = server.holdApiRequests()
    const response = api()
    await gate.arrived()
    server.expireAccessTokens()
    gate.release()
    expect((await response).status).toBe(401)
  })

  it('let some go on, and hold the others', async () => {
    const { server, api } = setUp()
    const gate = server.holdApiRequests()
    const first = api('/a')
    const second = api('/b')
    await gate.arrived(2)
    gate.release(1)
    await first
    expect(gate.waiting).toBe(1)
    const third = api('/c')
    await gate.arrived(3)
    expect(gate.waiting).toBe(2)
    gate.release()
    await Promise.all([second, third])
    expect((await api('/d')).status).toBe(200)
  })

  it('hold the answer instead, after acting', async () => {
    const { server, refresh } = setUp()
    const gate = server.holdTokenRequests({ afterActing: true })
    const refreshing = refresh()
    await gate.arrived()
    expect(server.counts.refreshes).toBe(1)
    gate.release()
    expect((await refreshing).status).toBe(200)
  })

  it('hold only the requests they are for', async () => {
    const { server, api, refresh } = setUp()
    const gate = server.holdApiRequests({ where: ({ url }) => url.endsWith('/slow') })
    const slow = api('/slow')
    expect((await api('/quick')).status).toBe(200)
    expect((await refresh()).status).toBe(200)
    await gate.arrived()
    gate.release()
    expect((await slow).status).toBe(200)
  })

  it('stand one behind the other', async () => {
    const { server, api } = setUp()
    const [first, second] = [server.holdApiRequests(), server.holdApiRequests()]
    const response = api()
    await first.arrived()
    expect([first.waiting, second.waiting]).toEqual([1, 0])
    first.release()
    await second.arrived()
    expect([first.waiting, second.waiting]).toEqual([0, 1])
    second.release()
    expect((await response).status).toBe(200)
  })

  it('count arrivals also when they are open', async () => {
    const { server, api } = setUp()
    const gate = server.holdApiRequests()
    gate.release()
    await Promise.all([api(), api()])
    await gate.arrived(2)
    expect(gate.waiting).toBe(0)
  })

  it('let go of a request whose client gives up', async () => {
    const { server, refresh } = setUp()
    const gate = server.holdTokenRequests()
    const client = new AbortController()
    const refreshing = refresh({ signal: client.signal })
    await gate.arrived()
    client.abort()
    await expect(refreshing).rejects.toMatchObject({ name: 'AbortError' })
    expect(gate.waiting).toBe(0)
  })
})

describe('fetch without a network', () => {
  it('rejects at once when its signal has fired before, and asks nobody', async () => {
    const { server, api } = setUp()
    await expect(api('/', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
    expect(server.counts.api.requests).toBe(0)
  })

  it("heeds a Request's own signal", async () => {
    const { server } = setUp()
    const gate = server.holdApiRequests()
    const client = new AbortController()
    const held = server.fetch(new Request(origin, { signal: client.signal }))
    await gate.arrived()
    client.abort()
    await expect(held).rejects.toMatchObject({ name: 'AbortError' })
  })
})
