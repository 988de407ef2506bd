import ky from 'ky'
import nock from 'nock'
import { createAuthClient } from 'tokenflight'
import { kyWithAuth } from 'tokenflight/ky'
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
    refresh: ({ refreshToken }) => ky.post(`${api}/auth/refresh`, { json: { refreshToken }, retry: 0 }).json(),
    baseUrl: api,
    refreshRetries: 0,
  })
  await auth.signIn({ accessToken: 'old', refreshToken: 'refresh-1', expiresIn: 300 })
  return { auth, http: kyWithAuth(auth) }
}

const bearer = (token: string) => ({ reqheaders: { authorization: `Bearer ${token}` } })

const renewed = { accessToken: 'new', refreshToken: 'refresh-2', expiresIn: 300 }

it('R3: refused requests are sent again after one refresh, with their bodies', async () => {
  nock(api, bearer('old')).post('/orders', { id: 1 }).times(3).reply(401)
  nock(api).post('/auth/refresh', { refreshToken: 'refresh-1' }).once().reply(200, renewed)
  nock(api, bearer('new')).post('/orders', { id: 1 }).times(3).reply(201, { ok: true })
  const { http } = await signedIn()
  const sent = await Promise.all([1, 2, 3].map(() => http.post(`${api}/orders`, { json: { id: 1 } }).json()))
  expect(sent).toEqual([{ ok: true }, { ok: true }, { ok: true }])
})

it("F11: a refresher's HTTPError of a 400 ends the session, and the request gets its own 401", async () => {
  nock(api).get('/me').reply(401)
  nock(api).post('/auth/refresh').reply(400, { error: 'invalid_grant' })
  const { auth, http } = await signedIn()
  await expect(http(`${api}/me`)).rejects.toMatchObject({ name: 'HTTPError', response: { status: 401 } })
  expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
})

it('F11: one of a 503 is an outage: ky tries again, and nobody is signed out', async () => {
  nock(api, bearer('old')).get('/me').twice().reply(401)
  nock(api).post('/auth/refresh').reply(503)
  nock(api).post('/auth/refresh').reply(200, renewed)
  nock(api, bearer('new')).get('/me').reply(200, { name: 'Ada' })
  const { auth, http } = await signedIn()
  expect(await http(`${api}/me`, { retry: { delay: () => 1 } }).json()).toEqual({ name: 'Ada' })
  expect(auth.state.status).toBe('signedIn')
})
