import type { FederatedOptions } from 'tokenflight/next-auth/server'
import { type Served, serve } from 'tokenflight/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NextAuthApp, versions } from '../../support/next-auth-apps'
import { type NextAuthWorld, nextAuthWorld, user } from '../../support/next-auth-world'
import { inNext } from '../../support/next-request'

describe.each(versions)('the sign-out at the provider, with next-auth $name', (version) => {
  let world: NextAuthWorld
  let provider: Served
  let requests: { readonly path: string; readonly body: string; readonly authorization: string | null }[]
  let metadata: Record<string, unknown>

  beforeEach(async () => {
    world = nextAuthWorld(version)
    requests = []
    provider = await serve(async (request) => {
      const { pathname: path } = new URL(request.url)
      const body = await request.clone().text()
      requests.push({ path, body, authorization: request.headers.get('authorization') })
      return path.startsWith('/.well-known/') ? Response.json(metadata) : world.server.handle(request)
    })
    metadata = {
      issuer: provider.url,
      end_session_endpoint: `${provider.url}/end-session?ui=1`,
      revocation_endpoint: `${provider.url}/revoke`,
    }
  })
  afterEach(() => provider.close())

  const discovered = (): FederatedOptions => ({ issuer: provider.url, clientId: 'web' })
  const explicit = (): FederatedOptions => ({
    clientId: 'web',
    endSessionEndpoint: `${provider.url}/end-session`,
    revocationEndpoint: `${provider.url}/revoke`,
  })
  // The token endpoint is reached in memory, the provider's others over the network.
  const fetch: typeof globalThis.fetch = (input, init) =>
    String(input).startsWith(provider.url) ? globalThis.fetch(input, init) : world.server.fetch(input, init)
  const sessionsWith = (federated: FederatedOptions | Record<string, FederatedOptions>) =>
    world.sessions({ federated, fetch })
  const signedIn = (sessions = world.sessions()) =>
    world.signedIn(sessions, { authorize: () => ({ ...user(world.server, true), idToken: 'the-id-token' }) })
  const urlOf = async (
    app: NextAuthApp,
    ...[federated, request]: [FederatedOptions | Record<string, FederatedOptions>, { state?: string }?]
  ) => {
    const { result } = await inNext('component', app.browser.request('/page'), () =>
      sessionsWith(federated).signOutUrl(request),
    )
    return result
  }

  it('the end-session URL has what OpenID Connect RP-Initiated Logout asks for', async () => {
    const app = await signedIn()
    const url = await urlOf(
      app,
      { ...discovered(), postLogoutRedirectUri: 'https://app.example/bye?x=1' },
      { state: 's' },
    )
    expect(url).toMatch(`${provider.url}/end-session?ui=1&`)
    expect(Object.fromEntries(new URL(url ?? '').searchParams)).toEqual({
      ui: '1',
      client_id: 'web',
      id_token_hint: 'the-id-token',
      post_logout_redirect_uri: 'https://app.example/bye?x=1',
      state: 's',
    })
  })

  it('explicit endpoints need no discovery', async () => {
    const app = await signedIn()
    expect(await urlOf(app, explicit())).toMatch(/end-session\?client_id=web&id_token_hint=the-id-token$/)
    expect(requests).toEqual([])
  })

  it('a rejected session has an end-session URL still', async () => {
    const app = await signedIn()
    world.server.revokeUser('user')
    await app.update({ tokenflight: { refresh: 'forced' } })
    expect(await urlOf(app, explicit())).toContain('id_token_hint=the-id-token')
  })

  it('there is none while nobody is signed in, or for a provider without options', async () => {
    const app = await signedIn()
    expect(await urlOf(app, { keycloak: explicit() })).toBeUndefined()
    expect(await urlOf(app, { credentials: explicit() })).toContain('/end-session')
    await app.signOut()
    expect(await urlOf(app, explicit())).toBeUndefined()
  })

  it('discovery that does not say the endpoint is an error that names the option', async () => {
    metadata = { issuer: provider.url }
    const app = await signedIn()
    await expect(urlOf(app, discovered())).rejects.toMatchObject({
      code: 'AUTH_CONFIGURATION',
      message: expect.stringContaining('endSessionEndpoint'),
    })
  })

  it('discovery that failed is tried again', async () => {
    metadata = { issuer: 'https://other.example' }
    const app = await signedIn()
    const sessions = sessionsWith(discovered())
    const ask = async () => (await inNext('component', app.browser.request('/'), () => sessions.signOutUrl())).result
    await expect(ask()).rejects.toThrow()
    metadata = { issuer: provider.url, end_session_endpoint: `${provider.url}/end-session` }
    expect(await ask()).toContain('/end-session')
    await ask()
    expect(requests).toHaveLength(2)
  })

  it.each([
    { how: 'a public client', secret: undefined, authorization: null, body: /client_id=web/ },
    {
      how: 'a client with a secret',
      secret: 's3:cret',
      authorization: `Basic ${btoa('web:s3%3Acret')}`,
      body: /^(?!.*client_secret)/,
    },
  ])('next-auth’s own signOut revokes the refresh token: $how', async ({ secret, authorization, body }) => {
    const app = await signedIn(sessionsWith({ ...discovered(), ...(secret !== undefined && { clientSecret: secret }) }))
    await app.signOut()
    expect(world.server.counts).toMatchObject({ revocations: 1, familiesRevoked: 1 })
    expect(requests.at(-1)).toMatchObject({ path: '/revoke', authorization })
    expect(requests.at(-1)?.body).toMatch(body)
    expect(requests.at(-1)?.body).toContain('token_type_hint=refresh_token')
    expect(app.browser.names(version.cookie)).toEqual([])
    expect(world.onError).not.toHaveBeenCalled()
  })

  it('a revocation that fails signs out all the same, and says so', async () => {
    const app = await signedIn(sessionsWith({ ...explicit(), revocationEndpoint: `${provider.url}/gone` }))
    await app.signOut()
    expect(app.browser.names(version.cookie)).toEqual([])
    expect(world.onError).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['the one provider', (one: FederatedOptions) => one],
    ['one of several', (one: FederatedOptions) => ({ credentials: one, other: { ...one, clientId: 'other' } })],
  ])('S4: the client of a request does all of it, with %s', async (_, federated) => {
    const app = await signedIn()
    const { result, setCookie } = await inNext('handler', app.browser.request('/sign-out'), async () =>
      (await sessionsWith(federated(discovered())).forRequest()).signOut(),
    )
    app.browser.keep(setCookie)
    expect(result).toEqual({ revoked: true, endSessionUrl: expect.stringContaining('id_token_hint=the-id-token') })
    expect(app.browser.names(version.cookie)).toEqual([])
    expect(world.server.counts).toMatchObject({ revocations: 1, familiesRevoked: 1 })
  })

  it('S4: and says what could not be done', async () => {
    metadata = { issuer: provider.url, end_session_endpoint: `${provider.url}/end-session` }
    const app = await signedIn()
    const { result } = await inNext('handler', app.browser.request('/sign-out'), async () =>
      (await sessionsWith(discovered()).forRequest()).signOut(),
    )
    expect(result).toMatchObject({
      revoked: false,
      error: { code: 'AUTH_CONFIGURATION' },
      endSessionUrl: expect.any(String),
    })
  })
})
