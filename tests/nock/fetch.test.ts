import nock from 'nock'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createAuthClient } from '../../src'

const origin = 'https://api.example.com'

beforeAll(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())
afterAll(() => nock.restore())

const newClient = async () => {
  const auth = createAuthClient({
    baseUrl: origin,
    refresh: ({ refreshToken, fetch }) =>
      fetch('/auth/refresh', { method: 'POST', body: JSON.stringify({ refreshToken }) }),
  })
  await auth.signIn({ accessToken: 'old', refreshToken: 'r1' })
  return auth
}

it('R3, B1: a refused request is sent again with the new token and the same body', async () => {
  const api = nock(origin)
  api.post('/notes', { text: 'hello' }).matchHeader('authorization', 'Bearer old').reply(401)
  api
    .post('/auth/refresh', { refreshToken: 'r1' })
    .reply(200, { accessToken: 'new', refreshToken: 'r2', expiresIn: 60 })
  api.post('/notes', { text: 'hello' }).matchHeader('authorization', 'Bearer new').reply(201, { id: 1 })
  const auth = await newClient()
  const response = await auth.fetch('/notes', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'hello' }),
  })
  expect([response.status, await response.json()]).toEqual([201, { id: 1 }])
  expect(auth.getTokens()).toMatchObject({ accessToken: 'new', refreshToken: 'r2' })
  expect(api.isDone()).toBe(true)
})

it('F6, R6: a rejected refresh hands out the 401 and ends the session', async () => {
  const api = nock(origin)
  api.get('/me').reply(401, { detail: 'expired' })
  api.post('/auth/refresh').reply(400, { error: 'invalid_grant' })
  const auth = await newClient()
  const response = await auth.fetch('/me')
  expect([response.status, await response.json()]).toEqual([401, { detail: 'expired' }])
  expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
})
