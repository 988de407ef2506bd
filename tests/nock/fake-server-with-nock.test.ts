import axios from 'axios'
import nock from 'nock'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fakeAuthorizationServer } from '../../src/testing'

const server = fakeAuthorizationServer()
const origin = 'https://server.example'

beforeAll(() => {
  nock(origin)
    .persist()
    .post(/.*/)
    .reply(async function (path, sent) {
      const body = typeof sent === 'string' ? sent : JSON.stringify(sent)
      const response = await server.handle(
        new Request(origin + path, { method: 'POST', body, headers: new Headers(this.req.headers) }),
      )
      return [response.status, await response.text(), Object.fromEntries(response.headers)]
    })
})
afterAll(() => nock.restore())

it('the fake server answers for nock', async () => {
  const { access_token, refresh_token: refreshToken } = server.signIn('owner')
  const { data } = await axios.post(`${origin}/token`, { refreshToken })
  expect(data).toMatchObject({ accessToken: 'fake-access-1-2', refreshToken: 'fake-refresh-1-2' })
  const headers = { authorization: `Bearer ${access_token}` }
  expect((await axios.post(`${origin}/things`, { a: 1 }, { headers })).data).toMatchObject({
    user: 'owner',
    body: '{"a":1}',
  })
  server.expireAccessTokens()
  await expect(axios.post(`${origin}/things`, {}, { headers })).rejects.toMatchObject({
    response: { status: 401, headers: { 'www-authenticate': expect.stringContaining('The token expired at') } },
  })
})
