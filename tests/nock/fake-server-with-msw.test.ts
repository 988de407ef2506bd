import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ConnectionResetError, fakeAuthorizationServer } from '../../src/testing'

const server = fakeAuthorizationServer()
const origin = 'https://server.example'
const msw = setupServer(
  http.all(`${origin}/*`, ({ request }) =>
    server.handle(request).catch((error: unknown) => {
      if (error instanceof ConnectionResetError) return HttpResponse.error()
      throw error
    }),
  ),
)

beforeAll(() => msw.listen({ onUnhandledRequest: 'error' }))
afterAll(() => msw.close())

it('the fake server answers as the handler of MSW', async () => {
  const { access_token, refresh_token = '' } = server.signIn('owner')
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token })
  const refreshed = await fetch(`${origin}/token`, { method: 'POST', body })
  expect(await refreshed.json()).toMatchObject({ refresh_token: 'fake-refresh-1-2' })
  const headers = { authorization: `Bearer ${access_token}` }
  expect(await (await fetch(`${origin}/things`, { headers })).json()).toMatchObject({ user: 'owner' })
  server.faults.api.next({ reset: true })
  await expect(fetch(`${origin}/things`, { headers })).rejects.toThrow(TypeError)
})
