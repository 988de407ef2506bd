import axios, { type AxiosInstance, isAxiosError } from 'axios'
import { type AuthClient, type AuthClientOptions, createAuthClient, type TokenResponse } from 'tokenflight'
import { axiosWithAuth } from 'tokenflight/axios'
import type { ServerCounts } from 'tokenflight/testing'
import { expect, it } from 'vitest'
import { order } from '../support/order'

const token = 'fake-access'

/** A server in the process that started this page, and a client signed in to it, over `xhr`. */
async function start({
  server = {},
  client = {},
}: {
  readonly server?: object
  readonly client?: Partial<AuthClientOptions>
} = {}): Promise<{
  readonly url: string
  readonly auth: AuthClient
  readonly http: AxiosInstance
  readonly expire: () => Promise<unknown>
  readonly counts: () => Promise<ServerCounts>
}> {
  const url = await order<string>({ start: server })
  const auth = createAuthClient({
    baseUrl: url,
    refresh: ({ refreshToken, fetch, signal }) =>
      fetch('/token', {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
        signal,
      }),
    ...client,
  } as AuthClientOptions)
  await auth.signIn(await order<TokenResponse>({ url, command: 'signIn' }))
  return {
    ...{ url, auth, http: axiosWithAuth(auth, axios.create()) },
    expire: () => order({ url, command: 'expireAccessTokens' }),
    counts: () => order<ServerCounts>({ url, command: 'counts' }),
  }
}

const rejected = (sent: Promise<unknown>): Promise<unknown> =>
  sent.then(
    () => expect.fail('it resolved'),
    (error) => error,
  )

it("R3: xhr is axios's choice here, and refused requests are sent again after one refresh", async () => {
  const { http, expire, counts } = await start()
  await expire()
  const sent = await Promise.all(Array.from({ length: 20 }, (_, at) => http.get(`/things/${at}`)))
  expect(sent.map(({ data }) => data.path)).toEqual(Array.from({ length: 20 }, (_, at) => `/things/${at}`))
  expect(sent[0]?.request).toBeInstanceOf(XMLHttpRequest)
  expect(await counts()).toMatchObject({ refreshes: 1 })
})

it('B1: JSON and fields are sent again as they were', async () => {
  const { http, expire, counts } = await start()
  await expire()
  const { data } = await http.post('/things', { quote: '"', nested: [1] })
  expect(data).toMatchObject({ method: 'POST', body: '{"quote":"\\"","nested":[1]}' })
  const form = new FormData()
  form.append('title', 'Grüße')
  await expire()
  expect((await http.put('/things', form)).data.body).toContain('Grüße')
  expect(await counts()).toMatchObject({ refreshes: 2, api: { accepted: 2 } })
})

it('R6, X1: a 401 rejects with its response, and neither config holds the token', async () => {
  const { http, url, auth } = await start({ server: { challenge: 'json' } })
  expect(JSON.stringify((await http.get('/things')).config)).not.toContain(token)
  await auth.signIn({ accessToken: 'unknown', refreshToken: 'unknown' })
  const error = await rejected(http.get('/things'))
  expect(error).toMatchObject({
    response: { status: 401, data: { error: 'authentication failed' } },
    config: { url: '/things' },
  })
  expect(JSON.stringify(error)).not.toContain('unknown')
  expect(url).toBeTruthy()
})

it('A5: a 401 of another origin after a redirect starts no refresh', async () => {
  const { http, counts } = await start()
  const elsewhere = await order<string>({ start: {} })
  const error = await rejected(http.get('/away', { params: { to: `${elsewhere}/things` } }))
  expect(isAxiosError(error) && error.response?.status).toBe(401)
  expect(await counts()).toMatchObject({ tokenRequests: 0, api: { requests: 1 } })
  expect(await order({ url: elsewhere, command: 'counts' })).toMatchObject({ api: { requests: 1, accepted: 0 } })
})

it('A5: with a header of another name xhr is refused before sending, and fetch follows no redirect', async () => {
  const { http, counts } = await start({ server: { header: 'x-token' }, client: { header: 'x-token' } })
  expect(await rejected(http.get('/things'))).toMatchObject({ code: 'AUTH_CONFIGURATION' })
  expect(await counts()).toMatchObject({ api: { requests: 0 } })
  const overFetch = { adapter: 'fetch' }
  expect((await http.get('/things', overFetch)).status).toBe(200)
  const elsewhere = await order<string>({ start: { header: 'x-token' } })
  const params = { to: `${elsewhere}/things` }
  expect(await rejected(http.get('/away', { params, ...overFetch }))).toMatchObject({ code: 'ERR_NETWORK' })
  expect(await order({ url: elsewhere, command: 'counts' })).toMatchObject({ api: { requests: 0 } })
})

it('Q2: signal and timeout end the wait as axios would', async () => {
  const held = new Promise<never>(() => {})
  const { http, expire, counts } = await start({ client: { refresh: () => held } })
  await expire()
  const controller = new AbortController()
  const canceled = rejected(http.get('/canceled', { signal: controller.signal }))
  const late = rejected(http.get('/late', { timeout: 200 }))
  expect(await late).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 200ms exceeded' })
  controller.abort()
  expect(await canceled).toMatchObject({ code: 'ERR_CANCELED' })
  expect(await counts()).toMatchObject({ api: { requests: 2 } })
})

it('B1: an upload reports its progress on both sendings', async () => {
  const { http, expire } = await start()
  await expire()
  const done: number[] = []
  await http.post('/things', 'x'.repeat(1000), { onUploadProgress: ({ loaded }) => done.push(loaded) })
  expect(done.filter((loaded) => loaded === 1000).length).toBeGreaterThanOrEqual(2)
})
