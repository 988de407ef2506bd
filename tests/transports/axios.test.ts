import { getEventListeners, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import { inspect } from 'node:util'
import axios, {
  type AxiosAdapter,
  AxiosError,
  type AxiosInstance,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import { isTokenflightError, notResentBecause } from 'tokenflight'
import { axiosWithAuth } from 'tokenflight/axios'
import { type ServerExchange, serve, toNodeListener } from 'tokenflight/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { findTokenflightError } from '../../src/errors/find-tokenflight-error'
import { type SessionOptions, startSession, type TestSession } from '../support/start-session'

/** A session over sockets, and an instance that borrows it. */
async function start(
  options: SessionOptions = {},
  config: Parameters<typeof axios.create>[0] = {},
): Promise<TestSession & { http: AxiosInstance }> {
  const session = await startSession({ sockets: true, ...options })
  return { ...session, http: axiosWithAuth(session.auth, axios.create({ adapter: 'http', ...config })) }
}

/** An adapter that answers 200 and keeps each config as it was when it was asked. */
function recording(): { adapter: AxiosAdapter; seen: { headers: unknown; timeout: unknown; data: unknown }[] } {
  const seen: { headers: unknown; timeout: unknown; data: unknown }[] = []
  const adapter: AxiosAdapter = async (config) => {
    seen.push({ headers: config.headers.toJSON(), timeout: config.timeout, data: config.data })
    return { status: 200, statusText: 'OK', data: '{}', headers: {}, config }
  }
  return { adapter, seen }
}

async function rejected(sent: Promise<unknown>): Promise<AxiosError> {
  const error: unknown = await sent.then(
    () => expect.fail('it resolved'),
    (reason) => reason,
  )
  if (!axios.isAxiosError(error)) throw error
  return error
}

const token = 'fake-access'

describe('axiosWithAuth', () => {
  it('changes and returns the instance it is given; the same session again changes nothing', async () => {
    const { auth, server } = await startSession({ sockets: true })
    const instance = axios.create()
    expect(axiosWithAuth(auth, instance)).toBe(instance)
    expect(axiosWithAuth(auth, instance)).toBe(instance)
    server.faults.api.always({ refuse: true })
    await rejected(instance.get('/things'))
    expect(server.counts.api.requests).toBe(2)
  })

  it('makes an instance where it is given none', async () => {
    const { auth } = await startSession({ sockets: true })
    expect((await axiosWithAuth(auth).get('/things')).data).toMatchObject({ path: '/things', user: 'user' })
  })

  it('refuses the global axios, and an instance that has another session', async () => {
    const [one, other] = [await startSession(), await startSession()]
    expect(() => axiosWithAuth(one.auth, axios)).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
    const instance = axiosWithAuth(one.auth, axios.create())
    expect(() => axiosWithAuth(other.auth, instance)).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
  })

  it('refuses what is no session, also when its arguments are swapped', async () => {
    const { auth } = await startSession()
    const wrong: [unknown, unknown][] = [
      [undefined, axios.create()],
      [axios.create(), auth],
    ]
    for (const [session, instance] of wrong) {
      expect(() => axiosWithAuth(session as never, instance as never)).toThrow(
        expect.objectContaining({ code: 'AUTH_CONFIGURATION' }),
      )
    }
  })
})

describe('which requests get the token', () => {
  it("A3: axios's auth counts as an authorization of its own", async () => {
    const { http, server, said } = await start()
    const { response } = await rejected(http.get('/things', { auth: { username: 'me', password: 'secret' } }))
    expect(response?.status).toBe(401)
    expect(server.counts).toMatchObject({ tokenRequests: 0, api: { requests: 1 } })
    expect(said).toContain('tokenWithheld')
  })

  it('A3: user info in the URL counts as an authorization of its own', async () => {
    const { http, server, baseUrl } = await start()
    await rejected(http.get(`${baseUrl.replace('//', '//me:secret@')}/things`))
    expect(server.counts).toMatchObject({ tokenRequests: 0, api: { requests: 1 } })
  })

  it('A3: a default header of the instance stays', async () => {
    const { http, server } = await start({}, { headers: { common: { authorization: 'Basic mine' } } })
    await rejected(http.get('/things'))
    expect(server.counts).toMatchObject({ tokenRequests: 0, api: { requests: 1 } })
  })

  it('A3: false, with which axios leaves a header out, leaves ours out', async () => {
    const { http, server } = await start()
    await rejected(http.get('/things', { headers: { Authorization: false } }))
    expect(server.counts).toMatchObject({ tokenRequests: 0, api: { requests: 1 } })
    expect((await http.get('/things', { headers: { Authorization: null } })).status).toBe(200)
  })

  it('A3: an empty one stays', async () => {
    const { http, server } = await start()
    await rejected(http.get('/things', { headers: { Authorization: '' } }))
    expect(server.counts).toMatchObject({ tokenRequests: 0, api: { requests: 1 } })
  })

  it("A9: an instance without a baseURL takes the client's, also for requests that are sent untouched", async () => {
    const { http, server } = await start()
    expect((await http.get('/things')).data.path).toBe('/things')
    expect((await http.get('things')).data.path).toBe('/things')
    const { data } = await http.post('/auth/login', { username: 'new' }, { authenticate: false })
    expect(server.label(data.accessToken)).toBe('access 1 of family 2')
  })

  it('A9: an instance with a baseURL keeps it, path and all', async () => {
    const { http, baseUrl } = await start()
    http.defaults.baseURL = `${baseUrl}/v2/`
    expect((await http.get('/things')).data.path).toBe('/v2/things')
    expect((await http.get('/things', { baseURL: `${baseUrl}/v3` })).data.path).toBe('/v3/things')
  })

  it.each([
    ['https://api.example.com', '/x', true],
    ['https://api.example.com/v1/', 'x', true],
    ['https://api.example.com', '', true],
    ['https://other.example', '/x', false],
    ['https://other.example', 'https://api.example.com/x', true],
    ['https://api.example.com', 'https://other.example/x', false],
    ['https://api.example.com', '//other.example/x', false],
    ['https://api.example.com', 'HTTPS://API.EXAMPLE.COM/x', true],
    ['https://api.example.com', 'https://api.example.com@other.example/x', false],
    ['https://api.example.com', 'https://api.example.com.other.example/x', false],
    ['https://api.example.com', '\\\\other.example/x', true],
    [undefined, 'https://other.example/x', false],
    [undefined, ' https://other.example/x', false],
    [undefined, ' //other.example/x', false],
    [undefined, ' https://api.example.com/x', true],
    [undefined, 'blob:https://api.example.com/x', false],
    [undefined, '/x', true],
  ])('A1: baseURL %s and url %s: %s', async (baseURL, url, gets) => {
    const { auth } = await startSession({ client: { baseUrl: 'https://api.example.com' } })
    const { adapter, seen } = recording()
    await axiosWithAuth(auth, axios.create(baseURL === undefined ? {} : { baseURL })).get(url, { adapter })
    expect(JSON.stringify(seen).includes(token)).toBe(gets)
  })

  it('A1: with allowAbsoluteUrls: false the token follows to where this axios sends', async () => {
    const { auth } = await startSession({ client: { baseUrl: 'https://api.example.com' } })
    const { adapter, seen } = recording()
    const config = { allowAbsoluteUrls: false, baseURL: 'https://other.example', adapter }
    const http = axiosWithAuth(auth, axios.create())
    await http.get('https://api.example.com/x', config)
    const target = http.getUri({ ...config, url: 'https://api.example.com/x' })
    expect(JSON.stringify(seen).includes(token)).toBe(target.startsWith('https://api.example.com/'))
  })
})

describe('where the request is wrapped', () => {
  it("runs the user's interceptors once, in their order, also those that came later", async () => {
    const order: string[] = []
    const note = (name: string) => (config: InternalAxiosRequestConfig) => {
      order.push(name)
      config.headers.set(`x-${name}`, 'set')
      return config
    }
    const session = await startSession({ sockets: true })
    const http = axios.create({ adapter: 'http' })
    http.interceptors.request.use(note('before'))
    axiosWithAuth(session.auth, http)
    http.interceptors.request.use(async (config) => note('after')(config))
    http.interceptors.response.use((response) => {
      order.push('response')
      return response
    })
    session.server.expireAccessTokens()
    const { data } = await http.get('/things')
    expect(order).toEqual(['after', 'before', 'response'])
    expect(data.headers).toMatchObject({ 'x-before': 'set', 'x-after': 'set' })
    expect(session.server.counts.api.requests).toBe(2)
  })

  it('wraps the adapter this request will use: its own, one of a list, one that was set later', async () => {
    const { http, server } = await start()
    const { adapter, seen } = recording()
    await http.get('/own', { adapter })
    http.defaults.adapter = adapter
    await http.get('/later')
    expect(seen.map(({ headers }) => JSON.stringify(headers).includes(token))).toEqual([true, true])
    expect((await http.get('/list', { adapter: ['xhr', 'fetch'] })).data.path).toBe('/list')
    expect(server.counts.api.requests).toBe(1)
  })

  it('leaves the adapter as the caller knows it, so a config can be sent again', async () => {
    const { http, server } = await start({ server: { challenge: 'none' } })
    server.faults.api.always({ refuse: true })
    const { config } = await rejected(http.get('/things'))
    expect(config?.adapter).toBe('http')
    expect(config?.beforeRedirect).toBeUndefined()
    server.faults.api.clear()
    server.resetCounts()
    expect((await http.request(config ?? {})).status).toBe(200)
    expect(server.counts.api.requests).toBe(1)
  })

  it('a config that failed before the adapter can be sent again', async () => {
    const { http, server } = await start()
    let config: InternalAxiosRequestConfig | undefined
    http.interceptors.request.use((seen) => {
      config ??= seen
      return seen
    })
    const broken = () => {
      throw new Error('transformRequest')
    }
    await expect(http.post('/things', {}, { transformRequest: broken })).rejects.toThrow('transformRequest')
    server.faults.api.always({ refuse: true })
    await rejected(http.request({ ...config, transformRequest: (data) => JSON.stringify(data) }))
    expect(server.counts.api.requests).toBe(2)
  })

  it('B1: JSON is encoded once: transforms of the request and of the response run once', async () => {
    const { http, server } = await start()
    let requests = 0
    let responses = 0
    server.expireAccessTokens()
    const { data } = await http.post(
      '/things',
      { quote: '"', list: [1] },
      {
        transformRequest: [
          (value, headers) => {
            requests += 1
            headers.setContentType('application/json')
            return JSON.stringify(value)
          },
        ],
        transformResponse: [
          (value) => {
            responses += 1
            return JSON.parse(value)
          },
        ],
      },
    )
    expect([requests, responses]).toEqual([1, 1])
    expect(data).toMatchObject({ body: '{"quote":"\\"","list":[1]}', contentType: 'application/json' })
    expect(server.counts.api.requests).toBe(2)
  })

  it('B1: a FormData keeps its boundary', async () => {
    const { http, server } = await start()
    server.expireAccessTokens()
    const form = new FormData()
    form.append('title', 'Grüße')
    const { data } = await http.post('/things', form)
    expect(data.contentType).toMatch(/^multipart\/form-data; boundary=/)
    expect(data.body).toContain(data.contentType.split('boundary=')[1])
    expect(data.body).toContain('Grüße')
  })

  it('validateStatus decides whether a 401 that is handed out resolves', async () => {
    const { http, server } = await start()
    server.faults.api.always({ refuse: true })
    const { status } = await http.get('/things', { validateStatus: () => true })
    expect(status).toBe(401)
    expect(server.counts.api.requests).toBe(2)
  })

  it('reports progress of both sendings', async () => {
    const { http, server } = await start()
    server.expireAccessTokens()
    const uploads: number[] = []
    const downloads: number[] = []
    await http.post('/things', 'x'.repeat(1000), {
      onUploadProgress: ({ loaded }) => uploads.push(loaded),
      onDownloadProgress: ({ loaded }) => downloads.push(loaded),
    })
    expect(uploads.filter((loaded) => loaded === 1000)).toHaveLength(2)
    expect(downloads.length).toBeGreaterThan(0)
  })
})

describe('what a caller gets', () => {
  it('R6: a 401 as the AxiosError with its response, not changed by the wait', async () => {
    const { http, server } = await start({ server: { challenge: 'json' } })
    server.faults.token.always({ oauthError: 'invalid_grant' })
    server.expireAccessTokens()
    const error = await rejected(http.get('/things'))
    expect(error).toMatchObject({
      code: 'ERR_BAD_REQUEST',
      response: { status: 401, data: { error: 'token expired' } },
    })
    expect(findTokenflightError(error)).toBeUndefined()
  })

  it('R6: a 401 is the same AxiosError as without us, with the validateStatus it was made by', async () => {
    const { auth, http, server } = await start()
    server.faults.api.always({ refuse: true })
    const validateStatus = (status: number): boolean => status < 300
    const shown = ({ name, message, code, status, config, response, isAxiosError }: AxiosError) => ({
      ...{ name, message, code, status, isAxiosError, answered: response?.status },
      validateStatus: [config?.validateStatus === validateStatus, response?.config.validateStatus === validateStatus],
    })
    const plain = axios.create({ adapter: 'http', baseURL: auth.baseUrl ?? '' })
    const expected = await rejected(plain.get('/things', { validateStatus }))
    const error = await rejected(http.get('/things', { validateStatus }))
    expect(error).toBeInstanceOf(AxiosError)
    expect(shown(error)).toEqual(shown(expected))
    expect(Object.keys(error.toJSON())).toEqual(Object.keys(expected.toJSON()))
  })

  it('R6: a 401 resolves where the adapter does not ask validateStatus', async () => {
    const { auth } = await startSession({ sockets: true })
    const adapter: AxiosAdapter = async (config) => ({ status: 401, statusText: '', data: '', headers: {}, config })
    const { status } = await axiosWithAuth(auth, axios.create({ adapter })).get('/things')
    expect(status).toBe(401)
  })

  it("R6: an adapter of one's own rejects as without us: its cache keeps no refusal, a config it copied no validateStatus of ours", async () => {
    const { auth, server } = await startSession({ sockets: true })
    const inner = axios.getAdapter('http')
    const cache = new Map<string | undefined, Promise<AxiosResponse>>()
    const failures: unknown[] = []
    const adapter: AxiosAdapter = (config) => {
      const { url } = config
      // as axios-mock-adapter does
      delete config.adapter
      const cached =
        cache.get(url) ??
        inner({ ...config }).catch((error) => {
          cache.delete(url)
          failures.push(error)
          throw error
        })
      cache.set(url, cached)
      return cached
    }
    const http = axiosWithAuth(auth, axios.create({ adapter }))
    server.expireAccessTokens()
    expect((await http.get('/things')).status).toBe(200)
    server.faults.api.always({ refuse: true })
    const error = await rejected(http.get('/others'))
    expect(failures.at(-1)).toBe(error)
    expect(error.response?.config.validateStatus).toBe(http.defaults.validateStatus)
  })

  it("R6: nor is a refusal put off over an adapter of one's own that stands in a list", async () => {
    const { auth, server } = await startSession({ sockets: true })
    const inner = axios.getAdapter('http')
    const seen: string[] = []
    const adapter: AxiosAdapter = async (config) => {
      const sent = inner(config)
      await sent.then(
        ({ status }) => seen.push(`resolved ${status}`),
        ({ response }) => seen.push(`rejected ${response.status}`),
      )
      return sent
    }
    server.expireAccessTokens()
    await axiosWithAuth(auth, axios.create({ adapter: [adapter, 'http'] })).get('/things')
    expect(seen).toEqual(['rejected 401', 'resolved 200'])
  })

  it('R6: a request that was not sent as an AxiosError with our code, our error as its cause, and its config', async () => {
    const { http } = await start({ user: undefined })
    const error = await rejected(http.get('/things', { authenticate: 'required' }))
    expect(error).toBeInstanceOf(AxiosError)
    expect(error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED', config: { url: '/things' } })
    expect(error.response).toBeUndefined()
    expect(error.cause).toMatchObject({ name: 'UnauthenticatedError' })
    expect(Object.keys(error)).not.toContain('cause')
  })

  it('F5: an outage of the authorization server is no response', async () => {
    const { http, server } = await start({ client: { refreshRetries: 0 } })
    server.faults.token.always({ status: 503 })
    server.expireAccessTokens()
    const error = await rejected(http.get('/things'))
    expect(error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(error.response).toBeUndefined()
    expect(findTokenflightError(error)?.retryable).toBe(true)
  })

  it('F5: what our error says stands on the AxiosError too, but for the status, which is a response of the API’s', async () => {
    const { http, server } = await start({ client: { refreshRetries: 0 } })
    server.faults.token.always({ status: 429, retryAfter: 5, oauthError: 'temporarily_unavailable' })
    server.expireAccessTokens()
    const error = await rejected(http.get('/things'))
    expect(isTokenflightError(error)).toBe(true)
    expect(error).toMatchObject({ retryable: true, retryAfterMs: 5_000, oauthError: 'temporarily_unavailable' })
    expect(error.status).toBeUndefined()
  })

  it.each(['http', 'fetch'] as const)(
    'X1: over %s the config and the request show no token, on success either',
    async (adapter) => {
      const { http } = await start()
      const { config, request, headers } = await http.get('/things', { adapter })
      expect(inspect({ config, headers }, { depth: 10 })).not.toContain(token)
      if (adapter === 'fetch') expect(inspect(request, { depth: 10 })).not.toContain(token)
    },
  )

  it.each(['http', 'fetch'] as const)(
    'X1: over %s nothing that inspect or JSON shows of an error holds a token',
    async (adapter) => {
      const { http, server } = await start()
      server.faults.api.always({ refuse: true })
      const refused = await rejected(http.get('/things', { adapter }))
      expect(refused.response?.status).toBe(401)
      expect(refused.request).toBeDefined()
      server.faults.api.always({ reset: true })
      const broken = await rejected(http.get('/things', { adapter }))
      expect(broken.response).toBeUndefined()
      for (const error of [refused, broken]) {
        expect(inspect(error, { depth: 10 })).not.toContain(token)
        expect(JSON.stringify(error)).not.toContain(token)
      }
    },
  )

  it('X1: nor of the error for JSON that is broken', async () => {
    const { http } = await start({ server: { api: () => new Response('{') } })
    const transitional = { silentJSONParsing: false }
    const error = await rejected(http.get('/things', { responseType: 'json', transitional }))
    expect(error.code).toBe('ERR_BAD_RESPONSE')
    expect(inspect(error, { depth: 10 })).not.toContain(token)
  })
})

describe('redirects', () => {
  /** An API that sends to wherever the query says. */
  const redirecting = (request: Request): Response => {
    const to = new URL(request.url).searchParams.get('to')
    return to === null
      ? Response.json({ landed: true })
      : new Response(null, { status: 302, headers: { location: to } })
  }
  async function elsewhere(status = 200): Promise<{ url: string; seen: Headers[] }> {
    const seen: Headers[] = []
    const { url, close } = await serve((request) => {
      seen.push(request.headers)
      return new Response(null, { status })
    })
    onTestFinished(close)
    return { url, seen }
  }

  it('A5: a redirect to a subdomain, whither follow-redirects takes the header, does not carry the token', async () => {
    const allowedOrigins = ({ hostname }: URL): boolean => hostname === 'localhost'
    const { http, baseUrl, server } = await start({ server: { api: redirecting }, client: { allowedOrigins } })
    const landed: ServerExchange[] = []
    server.onExchange((exchange) => exchange.path === '/landed' && landed.push(exchange))
    const { port } = new URL(baseUrl)
    // names under localhost are not resolved everywhere
    const httpAgent = new Agent({
      lookup: (_host, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    onTestFinished(() => httpAgent.destroy())
    const params = { to: `http://sub.localhost:${port}/landed` }
    await rejected(http.get(`http://localhost:${port}/away`, { params, httpAgent }))
    expect(landed).toMatchObject([{ status: 401, refusal: 'missing' }])
    expect(server.counts.tokenRequests).toBe(0)
  })

  it("A5: the user's own beforeRedirect is called, after the token is gone", async () => {
    const { http } = await start({ server: { api: redirecting, header: 'x-token' }, client: { header: 'x-token' } })
    const { url, seen } = await elsewhere()
    const calls: unknown[][] = []
    const beforeRedirect = (...args: unknown[]): void =>
      void calls.push(args.slice(0, 1).map((options) => inspect(options)))
    await http.get('/away', { params: { to: url }, beforeRedirect })
    expect(calls).toHaveLength(1)
    expect(calls[0]?.[0]).not.toContain(token)
    expect(seen.map((headers) => headers.get('x-token'))).toEqual([null])
  })

  it('A5: over fetch another header than Authorization is not followed anywhere', async () => {
    const { http } = await start(
      { server: { api: redirecting, header: 'x-token' }, client: { header: 'x-token' } },
      { adapter: 'fetch' },
    )
    const { url, seen } = await elsewhere()
    expect(await rejected(http.get('/away', { params: { to: url } }))).toMatchObject({ code: 'ERR_NETWORK' })
    expect(seen).toEqual([])
    const kept = await http.get('/things', { fetchOptions: { cache: 'no-store' } })
    expect(kept.config.fetchOptions).toEqual({ cache: 'no-store' })
  })

  it('A5: xhr with another header than Authorization is refused before sending', async () => {
    const { auth } = await startSession({ client: { header: 'x-token' } })
    const { adapter, seen } = recording()
    Object.defineProperty(adapter, 'name', { value: 'xhr' })
    const error = await rejected(axiosWithAuth(auth, axios.create({ adapter })).get('/things'))
    expect(error).toMatchObject({ code: 'AUTH_CONFIGURATION' })
    expect(error.message).toContain("adapter: 'fetch'")
    expect(seen).toEqual([])
  })

  it('A5, R3: a socket of its own has no other origin: its 401 is refused', async () => {
    const socketPath = join(await mkdtemp(join(tmpdir(), 'tokenflight-')), 'socket')
    const { http, server } = await start({ sockets: false, client: { baseUrl: 'http://localhost' } }, { socketPath })
    const listening = createServer(toNodeListener(server.handle)).listen(socketPath)
    onTestFinished(async () => {
      listening.close()
      listening.closeAllConnections()
      await rm(dirname(socketPath), { recursive: true })
    })
    await once(listening, 'listening')
    server.refuseAccessTokens()
    expect((await http.get('/things')).status).toBe(200)
    expect(server.counts.tokenRequests).toBe(1)
  })

  it('maxRedirects: 0 hands out the redirect', async () => {
    const { http } = await start({ server: { api: redirecting } })
    const { response } = await rejected(http.get('/away', { params: { to: '/' }, maxRedirects: 0 }))
    expect(response?.status).toBe(302)
  })
})

describe('waiting', () => {
  /** A request that waits for a refresh that is held up. */
  async function waiting(config: Parameters<typeof axios.create>[0] = {}) {
    const session = await start({}, config)
    const gate = session.server.holdTokenRequests()
    await session.clock.advance(300_000)
    return { ...session, gate }
  }

  it('Q3: they go out in the order they came, whatever may end their wait', async () => {
    const { http, gate } = await waiting()
    const { adapter, seen } = recording()
    const limits = [{ timeout: 5_000 }, {}, { signal: new AbortController().signal }, {}]
    const sent = limits.map((limit, data) => http.post('/things', String(data), { adapter, ...limit }))
    await gate.arrived()
    gate.release()
    await Promise.all(sent)
    expect(seen.map(({ data }) => data)).toEqual(['0', '1', '2', '3'])
  })

  it('Q2: an AbortSignal rejects as axios rejects', async () => {
    const { http, server, gate } = await waiting()
    const controller = new AbortController()
    const sent = rejected(http.get('/things', { signal: controller.signal }))
    await gate.arrived()
    controller.abort()
    expect(await sent).toMatchObject({ code: 'ERR_CANCELED', name: 'CanceledError', message: 'canceled' })
    expect(axios.isCancel(await sent)).toBe(true)
    expect(server.counts.api.requests).toBe(0)
    expect(gate.waiting).toBe(1)
  })

  it('Q2: a CancelToken rejects with its own reason', async () => {
    const { http, server, gate } = await waiting()
    const { token: cancelToken, cancel } = axios.CancelToken.source()
    const sent = rejected(http.get('/things', { cancelToken }))
    await gate.arrived()
    cancel('changed my mind')
    expect(await sent).toBe(cancelToken.reason)
    expect((await sent).message).toBe('changed my mind')
    expect(server.counts.api.requests).toBe(0)
    expect(gate.waiting).toBe(1)
  })

  it.each([
    [{}, 'ECONNABORTED', 'timeout of 20ms exceeded'],
    [{ timeoutErrorMessage: 'too slow' }, 'ECONNABORTED', 'too slow'],
    [{ transitional: { clarifyTimeoutError: true } }, 'ETIMEDOUT', 'timeout of 20ms exceeded'],
    [{ adapter: 'fetch' }, 'ETIMEDOUT', 'timeout of 20ms exceeded'],
  ])('Q2: the timeout counts the wait, and rejects as axios does: %j', async (config, code, message) => {
    const { http, server, gate } = await waiting({ timeout: 20, ...config })
    expect(await rejected(http.get('/things'))).toMatchObject({ code, message, config: { timeout: 20 } })
    expect(server.counts.api.requests).toBe(0)
    gate.release()
  })

  it('Q2: what is left of the timeout goes to the network', async () => {
    const { http, gate } = await waiting()
    const { adapter, seen } = recording()
    const sent = http.get('/things', { timeout: 60_000, adapter })
    await gate.arrived()
    gate.release()
    const { config } = await sent
    expect(seen).toHaveLength(1)
    expect(Number(seen[0]?.timeout)).toBeLessThan(60_000)
    expect(Number(seen[0]?.timeout)).toBeGreaterThan(0)
    expect(config.timeout).toBe(60_000)
  })

  it('Q2: a timeout on the network after a wait speaks of the whole timeout', async () => {
    const { http, server, gate } = await waiting()
    server.holdApiRequests()
    const sent = rejected(http.get('/things', { timeout: 300 }))
    await gate.arrived()
    gate.release()
    expect(await sent).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 300ms exceeded' })
    expect(server.counts.api.requests).toBe(1)
  })

  it('R6: another failure after a wait keeps its message', async () => {
    const { http, gate } = await waiting()
    const adapter: AxiosAdapter = async (config) => {
      throw new AxiosError(`connect ECONNREFUSED 127.0.0.1:${config.timeout}`, 'ECONNREFUSED', config)
    }
    const sent = rejected(http.get('/things', { timeout: 60_000, adapter }))
    await gate.arrived()
    gate.release()
    const { message } = await sent
    expect(Number(message.split(':')[1])).toBeLessThan(60_000)
  })

  it('a wait that is over leaves no listener behind', async () => {
    const { http, gate } = await waiting()
    const { signal } = new AbortController()
    const { token: cancelToken } = axios.CancelToken.source()
    const added = vi.spyOn(cancelToken, 'subscribe')
    const removed = vi.spyOn(cancelToken, 'unsubscribe')
    const { adapter } = recording()
    const sent = http.get('/things', { signal, cancelToken, adapter })
    await gate.arrived()
    expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0)
    gate.release()
    await sent
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(removed.mock.calls).toEqual(added.mock.calls)
  })

  it('a request that does not wait has its timeout untouched', async () => {
    const { http } = await start()
    const { adapter, seen } = recording()
    await http.get('/things', { timeout: 1000, adapter })
    expect(seen[0]?.timeout).toBe(1000)
  })

  it('Q2: a CancelToken that was used while the answer came starts no refresh', async () => {
    const { http, server } = await start()
    const { token: cancelToken, cancel } = axios.CancelToken.source()
    const adapter: AxiosAdapter = async (config) => {
      cancel('late')
      return { status: 401, statusText: '', data: '', headers: {}, config }
    }
    expect(await rejected(http.get('/things', { cancelToken, adapter }))).toBe(cancelToken.reason)
    // the token is still good, so only a refresh that should not be would come before this answer
    await http.get('/things')
    expect(server.counts).toMatchObject({ tokenRequests: 0, api: { requests: 1 } })
  })
})

describe('streams', () => {
  it('B3: a Node.js stream is not sent again, and the error says why', async () => {
    const { http, server } = await start()
    server.refuseAccessTokens()
    const error = await rejected(http.post('/upload', Readable.from(['a', 'b'])))
    expect(error.response?.status).toBe(401)
    expect(notResentBecause(error)).toBe('streamBody')
    expect(server.counts).toMatchObject({ refreshes: 1, api: { requests: 1 } })
  })

  it('R6: axios lets go of a streamed 401 as it rejects with it: no signal ends it later', async () => {
    const insufficient = { 'www-authenticate': 'Bearer error="insufficient_scope"' }
    const { readable, writable } = new TextEncoderStream()
    const { http } = await start({
      server: { api: () => new Response(readable, { status: 401, headers: insufficient }) },
    })
    const controller = new AbortController()
    const body = writable.getWriter()
    void body.write('what is ')
    const { response } = await rejected(http.get('/things', { responseType: 'stream', signal: controller.signal }))
    controller.abort()
    void body.write('missing')
    void body.close()
    expect(await readAll(response?.data as Readable)).toBe('what is missing')
  })

  it('R1: a streamed response reaches its caller whole, also when its start was looked at', async () => {
    const content = 'x'.repeat(300_000)
    const looked: (number | undefined)[] = []
    const { http } = await start({
      server: { api: () => new Response(content, { headers: { 'content-type': 'text/plain' } }) },
      client: {
        isTokenRefused: async (response) => {
          looked.push((await response.text())?.length)
          return false
        },
      },
    })
    const { data } = await http.get('/things', { responseType: 'stream' })
    expect(await readAll(data)).toBe(content)
    const { data: web } = await http.get('/things', { responseType: 'stream', adapter: 'fetch' })
    expect(await new Response(web).text()).toBe(content)
    expect(looked).toEqual([65_536, 65_536])
  })

  it.each(['http', 'fetch'] as const)('R1: over %s 64 KB are counted in bytes', async (adapter) => {
    const content = '€'.repeat(100_000)
    const looked: number[] = []
    const { http } = await start({
      server: { api: () => new Response(content, { headers: { 'content-type': 'text/plain' } }) },
      client: {
        isTokenRefused: async (response) => {
          looked.push(new TextEncoder().encode(await response.text()).byteLength)
          return false
        },
      },
    })
    expect((await http.get('/things', { adapter })).data).toBe(content)
    // and the character that it ends in is not whole
    expect(looked).toEqual([65_538])
  })

  it.each(['http', 'fetch'] as const)('R7: over %s 64 KB are kept of a longer streamed 401', async (adapter) => {
    const challenge = () => new Response('x'.repeat(300_000), { status: 401 })
    const { http, server } = await start({ server: { challenge } })
    server.faults.token.always({ oauthError: 'invalid_grant' })
    server.expireAccessTokens()
    const { response } = await rejected(http.get('/things', { adapter, responseType: 'stream' }))
    const data: unknown = response?.data
    const body = data instanceof Readable ? await readAll(data) : await new Response(data as ReadableStream).text()
    expect(body.length).toBe(65_536)
  })

  it.each([
    ['http', 'json', '{"error":"token expired"}'],
    ['fetch', 'json', '{"error":"token expired"}'],
  ] as const)(
    'R7: over %s a streamed 401 is handed out with its body after the wait',
    async (adapter, challenge, body) => {
      const { http, server } = await start({ server: { challenge } })
      server.faults.token.always({ oauthError: 'invalid_grant' })
      server.expireAccessTokens()
      const { response } = await rejected(http.get('/things', { adapter, responseType: 'stream' }))
      const data: unknown = response?.data
      expect(data instanceof Readable || data instanceof ReadableStream).toBe(true)
      expect(data instanceof Readable ? await readAll(data) : await new Response(data as ReadableStream).text()).toBe(
        body,
      )
    },
  )

  it.each(['http', 'fetch'] as const)(
    'R7: over %s a streamed 401 holds no connection while its request waits',
    async (adapter) => {
      let canceled = (): void => {}
      const gone = new Promise<void>((resolve) => {
        canceled = resolve
      })
      // without end
      const challenge = () =>
        new Response(
          new ReadableStream({
            pull: (controller) => controller.enqueue(new Uint8Array(40_000)),
            cancel: canceled,
          }),
          { status: 401 },
        )
      const { http, server } = await start({ server: { challenge } })
      const gate = server.holdTokenRequests()
      server.expireAccessTokens()
      const sent = http.get('/things', { adapter, responseType: 'stream' })
      await gate.arrived()
      await gone
      gate.release()
      const { data, status } = await sent
      expect(status).toBe(200)
      expect(JSON.parse(data instanceof Readable ? await readAll(data) : await new Response(data).text()).path).toBe(
        '/things',
      )
    },
  )

  // a stream of axios 1.7's fetch adapter cannot be canceled by anybody while it is being read
  const cancelable = axios.VERSION.startsWith('1.7.') ? (['http'] as const) : (['http', 'fetch'] as const)
  it.each(cancelable)(
    'R7: over %s a streamed 401 that hangs is let go when its request was sent again',
    async (adapter) => {
      let canceled = (): void => {}
      const gone = new Promise<void>((resolve) => {
        canceled = resolve
      })
      const start401 = (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(10))
      const challenge = () => new Response(new ReadableStream({ start: start401, cancel: canceled }), { status: 401 })
      const { http, server } = await start({ server: { challenge } })
      server.expireAccessTokens()
      expect((await http.get('/things', { adapter, responseType: 'stream' })).status).toBe(200)
      await gone
    },
  )

  it('R7: a streamed 401 that hangs is cut off after a second, and handed out with what came of it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const source = new PassThrough()
    source.write('start')
    const adapter: AxiosAdapter = async (config) => ({ status: 401, statusText: '', data: source, headers: {}, config })
    const { http, server } = await start({ sockets: false })
    server.faults.token.always({ oauthError: 'invalid_grant' })
    const { data } = await http.get('/things', { adapter, responseType: 'stream' })
    const read = readAll(data)
    await vi.advanceTimersByTimeAsync(999)
    expect(source.destroyed).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await read).toBe('start')
    expect(source.destroyed).toBe(true)
  })

  it('a streamed response that its caller destroys before the end is closed', async () => {
    let canceled = (): void => {}
    const gone = new Promise<void>((resolve) => {
      canceled = resolve
    })
    const endless = () =>
      new Response(
        new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(40_000)), cancel: canceled }),
        {
          headers: { 'content-type': 'text/plain' },
        },
      )
    const { http } = await start({
      server: { api: endless },
      client: { isTokenRefused: async (response) => (await response.text()) === undefined },
    })
    const { data } = await http.get('/things', { responseType: 'stream' })
    data.destroy()
    await gone
  })

  it('a streamed response that breaks tells its reader', async () => {
    const source = new PassThrough()
    const adapter: AxiosAdapter = async (config) => ({
      status: 200,
      statusText: 'OK',
      data: source,
      headers: { 'Content-Type': 'text/plain' },
      config,
    })
    const { http } = await start({
      client: { isTokenRefused: async (response) => (await response.text()) === 'never' },
    })
    const sent = http.get('/things', { adapter, responseType: 'stream' })
    source.write('start')
    setImmediate(() => source.destroy(new Error('broken off')))
    const { data } = await sent
    await expect(readAll(data)).rejects.toThrow('broken off')
  })
})

describe('what axios takes whatever its types say', () => {
  it('A1, R3: a URL object', async () => {
    const { http, server, baseUrl } = await start()
    server.refuseAccessTokens()
    const url: unknown = new URL('/things?page=2', baseUrl)
    const { data } = await http.request({ url: url as string })
    expect(data).toMatchObject({ path: '/things', query: '?page=2' })
    expect(server.counts.tokenRequests).toBe(1)
  })
})

describe('an error whose response is a stream', () => {
  it('X1: shows no token to whoever inspects it', async () => {
    const { http, server, auth } = await start()
    const deeply = { depth: Number.POSITIVE_INFINITY }
    server.faults.api.next({ status: 500 })
    const error = await rejected(http.get('/things', { responseType: 'stream' }))
    expect(inspect(error, deeply)).not.toContain(auth.getTokens()?.accessToken)
    expect(await readAll(error.response?.data as Readable)).toBeTypeOf('string')
  })
})

describe('what axios makes a form of', () => {
  it('B1: an object is sent again as it was', async () => {
    const { http, server, auth } = await start()
    server.refuseAccessTokens()
    const { data, config } = await http.postForm('/things', { a: 1, b: ['x', 'ü'] })
    expect(server.counts).toMatchObject({ tokenRequests: 1, api: { requests: 2 } })
    expect(data.contentType).toContain(/--(-+[0-9a-f]+)--/.exec(data.body)?.[1])
    const sent = await new Response(data.body, { headers: { 'content-type': data.contentType } }).formData()
    expect([...sent]).toEqual([
      ['a', '1'],
      ['b[]', 'x'],
      ['b[]', 'ü'],
    ])
    expect(String(config.data)).toBe('[object FormData]')
    expect(JSON.stringify(config.headers)).not.toContain(auth.getTokens()?.accessToken)
  })

  it('B3: one with a stream in it is not', async () => {
    const { http, server } = await start()
    server.refuseAccessTokens()
    const error = await rejected(http.postForm('/things', { file: Readable.from(['x']) }))
    expect([error.response?.status, notResentBecause(error)]).toEqual([401, 'streamBody'])
    expect(server.counts.api.requests).toBe(1)
  })
})

describe('what adapters and options may be', () => {
  it('X1: a copy of the config that an adapter answers with holds nothing that was lent', async () => {
    const { http, server } = await start()
    const copy = (config: InternalAxiosRequestConfig) => ({
      ...config,
      headers: axios.AxiosHeaders.from({ ...config.headers }),
    })
    const answer = (config: InternalAxiosRequestConfig, status = 200) =>
      ({ status, statusText: '', data: '', headers: {}, config: copy(config) }) satisfies AxiosResponse
    const resolving: AxiosAdapter = async (config) => answer(config)
    const rejecting: AxiosAdapter = async (config) => {
      throw new AxiosError('refused', 'ERR_OWN', copy(config), undefined, answer(config, 401))
    }
    const { config } = await http.get('/things', { adapter: resolving })
    const error = await rejected(http.get('/things', { adapter: rejecting }))
    expect(error.response?.status).toBe(401)
    for (const given of [config, error.config, error.response?.config]) {
      expect(inspect(given, { depth: 10 })).not.toContain(token)
      expect(given).not.toHaveProperty('beforeRedirect')
    }
    expect(server.counts.refreshes).toBe(1)
  })

  it('X1: the config of another request, with which a cache answers, keeps what is its own', async () => {
    const { http } = await start()
    const beforeRedirect = (): void => {}
    const { adapter } = recording()
    const cached = await http.get('/things', { adapter, beforeRedirect })
    await http.get('/things', { adapter: async () => cached })
    expect(cached.config.beforeRedirect).toBe(beforeRedirect)
  })

  it("X1: nor the error for a URL that axios's fetch adapter cannot read", async () => {
    const { http } = await start({}, { adapter: 'fetch' })
    const answer = await http.get('http:things').catch((error: unknown) => error)
    expect(inspect(answer, { depth: 10 })).not.toContain(token)
    expect(JSON.stringify(answer instanceof AxiosError ? answer : 0)).not.toContain(token)
  })

  it('X1: no error shows the requests of others, which the agent of its config knows', async () => {
    const httpAgent = new Agent({ keepAlive: true })
    onTestFinished(() => httpAgent.destroy())
    const { http, server, auth } = await start({}, { httpAgent })
    const gate = server.holdApiRequests()
    const under = http.get('/slow')
    await gate.arrived()
    const error = await rejected(http.get('/things', { timeout: 20 }))
    expect(error.config?.httpAgent).toBe(httpAgent)
    for (const shown of [JSON.stringify(error), inspect(error, { depth: 20 })])
      expect(shown).not.toContain(auth.getTokens()?.accessToken)
    gate.release()
    expect((await under).status).toBe(200)
  })

  it('X1: nor the request that a stream was sent with', async () => {
    const { http, server, auth } = await start()
    server.refuseAccessTokens()
    const used = auth.getTokens()?.accessToken
    const error = await rejected(http.post('/upload', Readable.from(['a', 'b'])))
    for (const shown of [JSON.stringify(error), inspect(error, { depth: 20 })]) expect(shown).not.toContain(used)
    expect(error.config?.data).toBeInstanceOf(Readable)
  })

  it('R1: the answer of an adapter may have no headers', async () => {
    const { http, server } = await start()
    const statuses = [401, 200]
    const adapter: AxiosAdapter = async (config) =>
      ({ status: statuses.shift(), statusText: '', data: '', config }) as unknown as AxiosResponse
    expect((await http.get('/things', { adapter })).status).toBe(200)
    expect(server.counts.refreshes).toBe(1)
  })

  it('R6: an error that is frozen is handed out as it is', async () => {
    const { http } = await start()
    const frozen = Object.freeze(new AxiosError('mine', 'ERR_OWN', undefined, {}))
    expect(await rejected(http.get('/things', { adapter: () => Promise.reject(frozen) }))).toBe(frozen)
  })

  it('B1: a form without fields is sent again without a byte, so that the connection can be used again', async () => {
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => httpAgent.destroy())
    const { http, server } = await start({}, { httpAgent })
    server.refuseAccessTokens()
    const { data } = await http.postForm('/things', {})
    expect(data.body ?? '').toBe('')
    expect((await http.get('/things')).status).toBe(200)
    expect(server.counts).toMatchObject({ refreshes: 1, api: { requests: 3 } })
  })

  it('B1: nor does a form get the content type again that its request leaves out', async () => {
    const { http, server } = await start()
    server.refuseAccessTokens()
    const form = axios.toFormData({ a: 1 })
    const { data, config } = await http.post('/things', form, { headers: { 'Content-Type': false } })
    expect(data.contentType ?? null).toBeNull()
    expect([config.headers['Content-Type'], server.counts.api.requests]).toEqual([false, 2])
  })

  it('R6: an adapter around ours may hand it headers of its own making', async () => {
    const { auth, server } = await startSession({ sockets: true })
    const instance = axios.create({ adapter: 'http' })
    instance.interceptors.request.use((config) => {
      const inner = axios.getAdapter(config.adapter)
      config.adapter = (final) => inner({ ...final, headers: { ...final.headers, 'X-Own': 'yes' } as never })
      return config
    })
    const http = axiosWithAuth(auth, instance)
    expect((await http.get('/things')).data).toMatchObject({ user: 'user', headers: { 'x-own': 'yes' } })
    server.refuseAccessTokens()
    expect((await http.postForm('/things', { a: 1 })).data).toMatchObject({ headers: { 'x-own': 'yes' } })
    expect(server.counts).toMatchObject({ refreshes: 1, api: { requests: 3 } })
  })

  it('R6: an adapter may answer with a frozen copy of the config', async () => {
    const adapter: AxiosAdapter = async (config) => {
      return { status: 200, statusText: '', data: '{}', headers: {}, config: Object.freeze({ ...config }) }
    }
    const { http } = await start({}, { adapter })
    const { config, status } = await http.get('/things', { transformResponse: [] }).catch((error) => error)
    expect([status, config?.headers.has('authorization')]).toEqual([200, false])
  })

  it('B1, B3: a form of the package with headers of its own for a part is not sent again otherwise', async () => {
    const { http, server } = await start()
    server.refuseAccessTokens()
    const form = axios.toFormData({}) as unknown as {
      getBoundary(): string
      append(name: string, value: Buffer, options: object): void
    }
    const header = `\r\n--${form.getBoundary()}\r\nX-Own: 1\r\n\r\n`
    form.append('a', Buffer.from('12345'), { header, knownLength: 5 })
    const error = await rejected(http.post('/things', form))
    expect(notResentBecause(error)).toBe('streamBody')
    expect(server.counts).toMatchObject({ refreshes: 1, api: { requests: 1 } })
  })

  it('A9: what is whole without a base gets none: data:, blob:, and a URL after white space', async () => {
    const { http, baseUrl } = await start()
    const { data, config } = await http.get('data:text/plain;base64,aGVsbG8=', { responseType: 'text' })
    expect([data, config.baseURL]).toEqual(['hello', undefined])
    expect((await http.get(` ${baseUrl}/things`)).data.path).toBe('/things')
    const { adapter } = recording()
    expect((await http.get('blob:https://app.example/1-2', { adapter })).config.baseURL).toBeUndefined()
    expect((await http.get('documents:search', { adapter })).config.baseURL).toBe(`${baseUrl}/`)
  })

  it('a baseURL may be a URL object', async () => {
    const { http, baseUrl } = await start()
    const baseURL: unknown = new URL('/v2', baseUrl)
    expect((await http.get('', { baseURL: baseURL as string })).data).toMatchObject({ path: '/v2', user: 'user' })
  })

  it.each([null, false, ''])('adapter: %j is the default, and stays in the config', async (adapter) => {
    const { http } = await start()
    const { status, config } = await http.get('/things', { adapter: adapter as never })
    expect([status, config.adapter]).toEqual([200, adapter])
  })

  it('env: null is none', async () => {
    const { http } = await start()
    const { data } = await http.get('/things', { adapter: 'fetch', env: null as never })
    expect(data.user).toBe('user')
  })
})
