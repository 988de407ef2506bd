import axios from 'axios'
import nock from 'nock'
import { createAuthClient, isUnauthenticated } from 'tokenflight'
import { axiosWithAuth } from 'tokenflight/axios'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'

const api = 'https://api.example.com'

beforeAll(() => nock.disableNetConnect())
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([])
  nock.cleanAll()
})
afterAll(() => nock.restore())

async function signedIn() {
  const auth = createAuthClient({
    baseUrl: api,
    refresh: ({ refreshToken, fetch, signal }) =>
      fetch('/auth/refresh', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refreshToken }),
        signal,
      }),
  })
  await auth.signIn({ accessToken: 'old', refreshToken: 'refresh-1', expiresIn: 300 })
  return { auth, http: axiosWithAuth(auth, axios.create()) }
}

const bearer = (token: string) => ({ reqheaders: { authorization: `Bearer ${token}` } })

const renewed = { accessToken: 'new', refreshToken: 'refresh-2', expiresIn: 300 }

it.each(['http', 'fetch'] as const)(
  'R3: refused requests are sent again after one refresh, over %s',
  async (adapter) => {
    nock(api, bearer('old')).get('/me').times(3).reply(401)
    nock(api).post('/auth/refresh', { refreshToken: 'refresh-1' }).once().reply(200, renewed)
    nock(api, bearer('new')).get('/me').times(3).reply(200, { name: 'Ada' })
    const { http } = await signedIn()
    const sent = await Promise.all([1, 2, 3].map(() => http.get('/me', { adapter })))
    expect(sent.map(({ data }) => data)).toEqual([{ name: 'Ada' }, { name: 'Ada' }, { name: 'Ada' }])
  },
)

it('B1: JSON is the same on both ways', async () => {
  const order = { items: [{ id: 1, note: 'say "hi"' }] }
  nock(api, bearer('old')).post('/orders', order).reply(401)
  nock(api).post('/auth/refresh').reply(200, renewed)
  nock(api, bearer('new')).post('/orders', order).reply(201, { id: 7 })
  const { http } = await signedIn()
  expect((await http.post('/orders', order)).data).toEqual({ id: 7 })
})

it('F6: a refresh token that is refused ends the session, and the request gets its own 401', async () => {
  nock(api).get('/me').reply(401, { message: 'expired' })
  nock(api).post('/auth/refresh').reply(400, { error: 'invalid_grant' })
  const { auth, http } = await signedIn()
  const error = await http.get('/me').catch((reason) => reason)
  expect(error).toMatchObject({ response: { status: 401, data: { message: 'expired' } } })
  expect(isUnauthenticated(error)).toBe(true)
  expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
})

it('A1: another origin gets no token', async () => {
  nock('https://elsewhere.example', { badheaders: ['authorization'] })
    .get('/')
    .reply(200, 'ok')
  const { http } = await signedIn()
  expect((await http.get('https://elsewhere.example/')).data).toBe('ok')
})

it('A5: nor does it after a redirect', async () => {
  nock(api, bearer('old')).get('/file').reply(302, undefined, { location: 'https://cdn.example/file' })
  nock('https://cdn.example', { badheaders: ['authorization'] })
    .get('/file')
    .reply(200, 'content')
  const { http } = await signedIn()
  expect((await http.get('/file', { adapter: 'http' })).data).toBe('content')
})
