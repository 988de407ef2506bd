import { describe, expect, it } from 'vitest'
import type { AuthEventName } from '../../src/core/auth-events'
import { RefreshUnavailableError } from '../../src/errors/refresh-unavailable-error'
import { type FakeAuthClientOptions, fakeAuthClient, fakeAuthorizationServer } from '../../src/testing'

function setUp(options?: FakeAuthClientOptions) {
  const client = fakeAuthClient(options)
  const events: [AuthEventName, object][] = []
  let changes = 0
  client.on('*', (name, { at, ...event }) => {
    expect(at).toBeTypeOf('number')
    events.push([name, event])
  })
  client.subscribe(() => {
    changes += 1
  })
  return { client, events, changes: () => changes }
}

describe('a fake client', () => {
  it('is signed in unless it is told otherwise', async () => {
    const { client } = setUp()
    expect(client.state).toEqual({ status: 'signedIn', epoch: 1 })
    expect(client.getTokens()).toEqual({ accessToken: 'fake-access-token' })
    expect(await client.getAccessToken()).toBe('fake-access-token')
    expect(await client.ready()).toBe(client.state)
  })

  it('has the tokens it is given', () => {
    const { client } = setUp({ tokens: { idToken: 'id', accessToken: 'mine' } })
    expect(client.getTokens()).toEqual({ accessToken: 'mine', idToken: 'id' })
  })

  it('is signed out', async () => {
    const { client, events } = setUp({ status: 'signedOut', reason: 'refreshRejected' })
    expect(client.state).toEqual({ status: 'signedOut', epoch: 1, reason: 'refreshRejected' })
    expect(client.getTokens()).toBeUndefined()
    await expect(client.getAccessToken()).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    await expect(client.setTokens({ accessToken: 'a' })).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(events).toEqual([])
  })

  it('is restoring, and who asks waits', async () => {
    const { client, events } = setUp({ status: 'restoring' })
    expect(client.state).toEqual({ status: 'restoring', epoch: 0 })
    const ready = client.ready()
    const accessToken = client.getAccessToken()
    client.setState({ tokens: { accessToken: 'restored' } })
    expect(await ready).toEqual({ status: 'signedIn', epoch: 1 })
    expect(await accessToken).toBe('restored')
    expect(events).toEqual([['signedIn', { epoch: 1, source: 'signIn' }]])
  })

  it('cannot restore: who asks is told why', async () => {
    const error = new RefreshUnavailableError('down')
    const { client } = setUp({ status: 'restoring', error })
    await expect(client.ready()).rejects.toBe(error)
    client.setState({ status: 'signedOut' })
    expect((await client.ready()).status).toBe('signedOut')
  })

  it('lets go of whoever gives up waiting', async () => {
    const { client } = setUp({ status: 'restoring' })
    const waiting = new AbortController()
    const ready = client.ready({ signal: waiting.signal })
    waiting.abort()
    await expect(ready).rejects.toMatchObject({ name: 'AbortError' })
    await expect(client.getAccessToken({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('its events', () => {
  it('signOut: signedOut alone', async () => {
    const { client, events, changes } = setUp()
    expect(await client.signOut()).toEqual({ revoked: false })
    expect(client.state).toEqual({ status: 'signedOut', epoch: 2, reason: 'signOut' })
    expect(events).toEqual([['signedOut', { epoch: 1, reason: 'signOut' }]])
    await client.signOut()
    expect([events.length, changes()]).toEqual([1, 1])
  })

  it('an end that was not asked for: unauthenticated too', () => {
    const { client, events } = setUp()
    client.setState({ status: 'signedOut', reason: 'refreshRejected' })
    expect(events).toEqual([
      ['signedOut', { epoch: 1, reason: 'refreshRejected' }],
      ['unauthenticated', { epoch: 1, reason: 'refreshRejected' }],
    ])
  })

  it('another sign-in replaces the session', async () => {
    const { client, events } = setUp()
    await client.signIn({ access_token: 'other', expires_in: 60 })
    expect(client.getTokens()).toMatchObject({ accessToken: 'other' })
    expect(events).toEqual([
      ['signedOut', { epoch: 1, reason: 'replaced' }],
      ['signedIn', { epoch: 2, source: 'signIn' }],
    ])
  })

  it('newer tokens: the same state, by reference', async () => {
    const { client, events } = setUp({ tokens: { refreshToken: 'kept' } })
    const before = client.state
    await client.setTokens({ accessToken: 'newer' })
    expect(client.state).toBe(before)
    expect(client.getTokens()).toMatchObject({ accessToken: 'newer', refreshToken: 'kept' })
    expect(events).toMatchObject([['refreshed', { epoch: 1, source: 'setTokens' }]])
  })

  it('reach no one who has left', () => {
    const client = fakeAuthClient()
    let heard = 0
    const hear = (): void => {
      heard += 1
    }
    for (const leave of [client.subscribe(hear), client.on('signedOut', hear)]) leave()
    client.setState({ status: 'signedOut' })
    expect(heard).toBe(0)
  })

  it('refuse tokens that are none', async () => {
    await expect(fakeAuthClient().signIn({ accessToken: '' })).rejects.toMatchObject({ code: 'AUTH_INVALID_TOKEN' })
  })
})

describe('its fetch', () => {
  it('has no network', async () => {
    await expect(fakeAuthClient().fetch('/things')).rejects.toMatchObject({ code: 'AUTH_CONFIGURATION' })
  })

  it('sends with the token over the fetch it is given', async () => {
    const server = fakeAuthorizationServer()
    const accessToken = server.signIn('owner').access_token
    const client = fakeAuthClient({
      tokens: { accessToken },
      fetch: server.fetch,
      baseUrl: 'https://server.example/v1',
    })
    const response = await client.fetch('/things', { method: 'POST', body: 'hello' })
    expect(await response.json()).toMatchObject({ user: 'owner', path: '/v1/things', body: 'hello' })
    expect((await client.fetch('/things', { authenticate: false })).status).toBe(401)
  })

  it('hands a 401 to its caller and stays as it is', async () => {
    const server = fakeAuthorizationServer()
    const client = fakeAuthClient({ fetch: server.fetch })
    expect((await client.fetch('/things')).status).toBe(401)
    expect(client.state.status).toBe('signedIn')
    expect(server.counts.api.requests).toBe(1)
  })

  it('sends without a token when nobody is signed in, or not at all', async () => {
    const server = fakeAuthorizationServer()
    const client = fakeAuthClient({ status: 'signedOut', fetch: server.fetch })
    expect((await client.fetch('/things')).status).toBe(401)
    const required = client.fetch('/things', { authenticate: 'required' })
    await expect(required).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(server.counts.api.requests).toBe(1)
  })

  it('waits while the session is restoring', async () => {
    const server = fakeAuthorizationServer()
    const client = fakeAuthClient({ status: 'restoring', fetch: server.fetch })
    const response = client.fetch('/things')
    client.setState({ tokens: { accessToken: server.signIn().access_token } })
    expect((await response).status).toBe(200)
  })
})
