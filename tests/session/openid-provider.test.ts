import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthClient } from '../../src'
import { startProvider, type TestProvider } from '../support/start-provider'

describe('with a certified OpenID Provider', () => {
  let provider: TestProvider
  beforeAll(async () => {
    provider = await startProvider()
  })
  afterAll(() => provider.close())

  async function signedIn() {
    const form = (fields: Record<string, string>) => new URLSearchParams({ client_id: 'app', ...fields })
    const auth = createAuthClient({
      baseUrl: provider.issuer,
      refresh: ({ refreshToken, fetch, signal }) =>
        fetch('/token', {
          method: 'POST',
          body: form({ grant_type: 'refresh_token', refresh_token: refreshToken }),
          signal,
        }),
      revoke: ({ refreshToken = '', fetch, signal }) =>
        fetch('/token/revocation', { method: 'POST', body: form({ token: refreshToken }), signal }),
    })
    const first = await provider.mintRefreshToken()
    // an access token that the provider never issued: the first requests are refused
    await auth.signIn({ accessToken: 'never-issued', refreshToken: first })
    return { auth, first }
  }
  const statuses = (responses: Response[]) => responses.map(({ status }) => status)

  it('R3, F4: ten refused requests make one rotation, and another ten after it none', async () => {
    const { auth, first } = await signedIn()
    const ten = () => Promise.all(Array.from({ length: 10 }, () => auth.fetch('/me')))
    const refreshes: unknown[] = []
    auth.on('refreshed', (event) => refreshes.push(event))
    expect(statuses(await ten())).toEqual(Array(10).fill(200))
    expect(statuses(await ten())).toEqual(Array(10).fill(200))
    expect(refreshes).toHaveLength(1)
    expect(auth.getTokens()?.refreshToken).not.toBe(first)
    expect(auth.getTokens()).toMatchObject({ tokenType: 'Bearer', idToken: expect.any(String) })
    expect(await (await auth.fetch('/me')).json()).toEqual({ sub: 'ada' })
  })

  it('F6: a refresh token that was used elsewhere ends the session, once', async () => {
    const { auth, first } = await signedIn()
    const said: string[] = []
    auth.on('unauthenticated', ({ reason }) => said.push(reason))
    await auth.fetch('/me')
    const spent = new URLSearchParams({ client_id: 'app', grant_type: 'refresh_token', refresh_token: first })
    await fetch(`${provider.issuer}/token`, { method: 'POST', body: spent })
    expect(statuses(await Promise.all([auth.fetch('/me'), auth.fetch('/me')]))).toEqual([401, 401])
    expect(auth.state.status).not.toBe('restoring')
    await expect(auth.getAccessToken({ forceRefresh: true })).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(said).toEqual(['refreshRejected'])
  })

  it('S4: a sign-out revokes the refresh token', async () => {
    const { auth } = await signedIn()
    await auth.fetch('/me')
    const refreshToken = auth.getTokens()?.refreshToken ?? ''
    expect(await auth.signOut()).toEqual({ revoked: true })
    const body = new URLSearchParams({ client_id: 'app', grant_type: 'refresh_token', refresh_token: refreshToken })
    const answer = await fetch(`${provider.issuer}/token`, { method: 'POST', body })
    expect(await answer.json()).toMatchObject({ error: 'invalid_grant' })
  })
})
