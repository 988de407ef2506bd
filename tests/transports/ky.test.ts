import { inspect } from 'node:util'
import * as kyModule from 'ky'
import ky, { HTTPError, type KyInstance, type Options } from 'ky'
import { isUnauthenticated } from 'tokenflight'
import { kyWithAuth } from 'tokenflight/ky'
import { describe, expect, it } from 'vitest'
import { type SessionOptions, startSession, type TestSession } from '../support/start-session'

const isKy2 = 'NetworkError' in kyModule

/** The same request prefix, as either version calls it. */
const prefixed = (url: string): Options => (isKy2 ? ({ prefix: url } as Options) : { prefixUrl: url })

/** ky 1 gives a hook several arguments, ky 2 one object. */
const requestIn = (argument: unknown): Request =>
  argument instanceof Request ? argument : (argument as { request: Request }).request

async function start(
  options: SessionOptions = {},
  kyOptions: Options = {},
): Promise<TestSession & { http: KyInstance; retries: unknown[] }> {
  const session = await startSession({ sockets: true, ...options })
  const retries: unknown[] = []
  const noteRetry = (state: unknown): void => void retries.push(state)
  const instance = ky
    .create({ ...prefixed(session.baseUrl), retry: { delay: () => 1 }, hooks: { beforeRetry: [noteRetry] } })
    .extend(kyOptions)
  return { ...session, retries, http: kyWithAuth(session.auth, instance) }
}

const rejected = (sent: Promise<unknown>): Promise<unknown> =>
  sent.then(
    () => expect.fail('it resolved'),
    (error) => error,
  )

const token = 'fake-access'

describe('kyWithAuth', () => {
  it('gives a new instance; the one it is given stays as it was', async () => {
    const { auth, baseUrl } = await startSession({ sockets: true })
    const plain = ky.create({ ...prefixed(baseUrl), retry: 0 })
    const http = kyWithAuth(auth, plain)
    expect((await http('things').json()) as object).toMatchObject({ user: 'user' })
    expect(await rejected(plain('things'))).toMatchObject({ response: { status: 401 } })
  })

  it('R4: over the same session, given twice or as the fetch of ky, a request is sent again once', async () => {
    const { auth, baseUrl, server } = await startSession({ sockets: true })
    const plain = ky.create({ ...prefixed(baseUrl), retry: 0 })
    server.faults.api.always({ refuse: true })
    for (const http of [
      kyWithAuth(auth, kyWithAuth(auth, plain)),
      kyWithAuth(auth, plain.extend({ fetch: auth.fetch })),
    ]) {
      const { requests } = server.counts.api
      await auth.setTokens(server.signIn())
      expect(await rejected(http('things'))).toMatchObject({ response: { status: 401 } })
      expect(server.counts.api.requests - requests).toBe(2)
    }
  })

  it('makes an instance where it is given none', async () => {
    const { auth, baseUrl } = await startSession({ sockets: true })
    expect((await kyWithAuth(auth)(`${baseUrl}/things`)).status).toBe(200)
  })

  it('refuses what is no session, also when its arguments are swapped', async () => {
    const { auth } = await startSession()
    const wrong: [unknown, unknown][] = [
      [undefined, ky],
      [ky, auth],
    ]
    for (const [session, instance] of wrong) {
      expect(() => kyWithAuth(session as never, instance as never)).toThrow(
        expect.objectContaining({ code: 'AUTH_CONFIGURATION' }),
      )
    }
  })

  it('wraps a fetch of the user’s own, and leaves prefix, searchParams and json to ky', async () => {
    const urls: string[] = []
    const { http, server } = await start(
      {},
      {
        fetch: (input, init) => {
          urls.push(input instanceof Request ? input.url : String(input))
          return fetch(input, init)
        },
      },
    )
    server.expireAccessTokens()
    const echo = await http.post('things', { searchParams: { page: 2 }, json: { a: 1 } }).json()
    expect(echo).toMatchObject({ path: '/things', query: '?page=2', body: '{"a":1}', contentType: 'application/json' })
    expect(urls).toHaveLength(2)
  })

  it('B2: a body that ky made a Request of is sent again from a clone, also a stream', async () => {
    const { http, server } = await start()
    server.expireAccessTokens()
    const stream = new Blob(['streamed']).stream()
    expect(await http.put('things', { body: stream }).json()).toMatchObject({ body: 'streamed' })
    expect(server.counts.api.requests).toBe(2)
  })

  it('an upload reports its progress, and is sent again whole', async () => {
    const { http, server } = await start()
    server.expireAccessTokens()
    const percents: number[] = []
    const echo = await http
      .post('things', { body: 'x'.repeat(10_000), onUploadProgress: ({ percent }) => percents.push(percent) })
      .json<{ body: string }>()
    expect(echo.body).toHaveLength(10_000)
    expect(percents).toContain(1)
    expect(server.counts.api.requests).toBe(2)
  })

  it('a download reports its progress', async () => {
    const { http } = await start()
    const percents: number[] = []
    await http('things', { onDownloadProgress: ({ percent }) => percents.push(percent) }).text()
    expect(percents.at(-1)).toBe(1)
  })
})

describe('hooks and retries', () => {
  it('runs hooks once a request, whether it is sent again or not, and shows them no token', async () => {
    const seen: string[] = []
    const note = (name: string) => (argument: unknown) => {
      const { headers } = requestIn(argument)
      seen.push(`${name} ${inspect(Object.fromEntries(headers)).includes(token) ? 'with' : 'without'} token`)
    }
    const { http, server } = await start(
      {},
      { hooks: { beforeRequest: [note('beforeRequest')], afterResponse: [note('afterResponse')] } },
    )
    server.expireAccessTokens()
    expect((await http('things')).status).toBe(200)
    expect(seen).toEqual(['beforeRequest without token', 'afterResponse without token'])
    expect(server.counts.api.requests).toBe(2)
  })

  it('R4: being sent again costs no retry', async () => {
    const { http, server, retries } = await start({}, { retry: 0 })
    server.expireAccessTokens()
    expect((await http('things')).status).toBe(200)
    expect(retries).toEqual([])
  })

  it("R4: ky's own retry is a new request, which may be sent again too", async () => {
    const { http, server, retries } = await start()
    server.faults.api.next({ status: 503 })
    server.expireAccessTokens()
    expect((await http('things')).status).toBe(200)
    expect(retries).toHaveLength(1)
    expect(server.counts).toMatchObject({ refreshes: 1, api: { requests: 3 } })
  })

  it.each([
    ['the rule of the instance', {}],
    ["a request's own rule in its place", { retry: { limit: 3, shouldRetry: () => true, delay: () => 1 } }],
  ])('what is not retryable is not retried: %s', async (_, options: Options) => {
    const { http, server } = await start({ user: undefined })
    const error = await rejected(http('things', { authenticate: 'required', ...options }))
    expect(error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(isUnauthenticated(error)).toBe(true)
    expect(server.counts.api.requests).toBe(0)
  })

  it('what is not retryable does not even wait for a retry', async () => {
    const { http, retries } = await start({ user: undefined })
    await rejected(http('things', { authenticate: 'required' }))
    expect(retries).toEqual([])
  })

  it('F5: an outage is retried as ky retries', async () => {
    const { http, server, retries } = await start({ client: { refreshRetries: 0 } })
    server.faults.token.next({ status: 503 })
    server.expireAccessTokens()
    expect((await http('things')).status).toBe(200)
    expect(retries).toHaveLength(1)
  })

  it("the user's shouldRetry decides what is not ours, and may say no to an outage", async () => {
    const asked: unknown[] = []
    const shouldRetry = ({ error }: { error: Error }): boolean | undefined => {
      asked.push(error.name)
      return error.name === 'RefreshUnavailableError' ? false : undefined
    }
    const { http, server, retries } = await start(
      { client: { refreshRetries: 0 } },
      { retry: { shouldRetry, delay: () => 1 } },
    )
    server.faults.api.next({ status: 503 })
    expect((await http('things')).status).toBe(200)
    server.faults.token.next({ status: 503 })
    server.expireAccessTokens()
    expect(await rejected(http('things'))).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(asked).toEqual(['HTTPError', 'RefreshUnavailableError'])
    expect(retries).toHaveLength(1)
  })

  it('a numeric retry of the instance stays its limit', async () => {
    const { http, server, retries } = await start({}, { retry: { limit: 1, delay: () => 1 } })
    server.faults.api.always({ status: 503 })
    expect(await rejected(http('things'))).toMatchObject({ response: { status: 503 } })
    expect(retries).toHaveLength(1)
    const { auth, baseUrl } = await startSession({ sockets: true })
    const limited = kyWithAuth(auth, ky.create({ ...prefixed(baseUrl), retry: 0 }))
    expect(await rejected(limited('nowhere', { authenticate: false }))).toMatchObject({ response: { status: 401 } })
  })
})

describe('what a caller gets', () => {
  it('R6, X1: a 401 as the HTTPError, whose request shows no token', async () => {
    const { http, server } = await start()
    server.faults.api.always({ refuse: true })
    const error = await rejected(http('things'))
    expect(error).toBeInstanceOf(HTTPError)
    const { response, request } = error as HTTPError
    expect(response.status).toBe(401)
    expect(request.headers.has('authorization')).toBe(false)
    expect(inspect(error, { depth: 10 })).not.toContain(token)
  })

  it('R6: throwHttpErrors: false resolves with the 401', async () => {
    const { http, server } = await start({ server: { challenge: 'json' } })
    server.faults.api.always({ refuse: true })
    const response = await http('things', { throwHttpErrors: false })
    expect([response.status, await response.json()]).toEqual([401, { error: 'authentication failed' }])
  })

  it('Q2: the timeout counts the wait, and nobody else notices', async () => {
    const { http, server, clock } = await start({}, { retry: 0 })
    const gate = server.holdTokenRequests()
    await clock.advance(300_000)
    const other = http('other')
    expect(await rejected(http('things', { timeout: 20 }))).toMatchObject({ name: 'TimeoutError' })
    gate.release()
    expect((await other).status).toBe(200)
    expect(server.counts).toMatchObject({ refreshes: 1, api: { requests: 1 } })
  })
})
