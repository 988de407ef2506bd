import NextAuth, { type NextAuthOptions } from 'next-auth'
import * as codec from 'next-auth/jwt'
import { createNextAuthServer } from 'tokenflight/next-auth/server'
import { fakeAuthorizationServer } from 'tokenflight/testing'
import { expect, it, vi } from 'vitest'

const name = 'next-auth.session-token'

/** What v4 wants of Node's response: Next's pages router and Express have it. */
function response() {
  const headers = new Map<string, unknown>()
  const sent = vi.fn()
  return {
    headers,
    sent,
    status: () => ({}),
    getHeader: (header: string) => headers.get(header),
    setHeader: (header: string, value: unknown) => headers.set(header, value),
    send: sent,
    json: sent,
    end: sent,
  }
}

it('in the pages router, and without Next at all, the callbacks refresh, and next-auth writes the cookie', async () => {
  vi.stubEnv('NEXTAUTH_URL', 'http://localhost:3000')
  const server = fakeAuthorizationServer({ tokenPrefix: 'outside-of-next-' })
  const { access_token: accessToken, refresh_token: refreshToken = '' } = server.signIn()
  const sessions = createNextAuthServer({
    baseUrl: 'https://api.example',
    fetch: server.fetch,
    secret: 'x',
    refresh: ({ refreshToken: used, fetch }) =>
      fetch('/token', {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: used }),
      }),
  })
  const options: NextAuthOptions = { secret: 'x', providers: [], callbacks: sessions.callbacks() }
  const token = { name: 'Ada', accessToken, refreshToken, accessTokenExpiry: 1_700_000_000_000 }
  const cookies = { [name]: await codec.encode({ token, secret: 'x' }) }
  const request = { method: 'GET', headers: {}, cookies, query: { nextauth: ['session'] } }

  const five = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const answer = response()
      await NextAuth(request as never, answer as never, { ...options })
      return answer
    }),
  )
  expect(server.counts).toMatchObject({ tokenRequests: 1, refreshes: 1, familiesRevoked: 0 })
  const tokens = five.map(({ sent }) => sent.mock.lastCall?.[0].accessToken)
  expect(new Set(tokens)).toEqual(new Set([tokens[0]]))
  expect(tokens[0]).not.toBe(accessToken)
  expect(five[0]?.headers.get('Set-Cookie')).toContainEqual(expect.stringMatching(`^${name}=.*HttpOnly; SameSite=Lax`))
})
