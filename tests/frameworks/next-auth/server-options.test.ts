import NextAuth, { type NextAuthOptions } from 'next-auth'
import * as codec from 'next-auth/jwt'
import { createNextAuthServer, type NextAuthServerOptions } from 'tokenflight/next-auth/server'
import { describe, expect, it, vi } from 'vitest'
import { cookieBrowser } from '../../support/cookie-browser'
import { asRouteHandler } from '../../support/next-request'

const refresh: NextAuthServerOptions['refresh'] = () => ({ accessToken: 'new' })
const make = (options: object) => () => createNextAuthServer({ refresh, ...options })

describe('options that cannot work', () => {
  it.each([
    ['refresh', { refresh: 'https://login.example.com/token' }],
    ['refresh', { refresh: { keycloak: 'https://login.example.com/token' } }],
    ['refresh', { refresh: undefined }],
    ['graceMs', { graceMs: -1 }],
    ['graceMs', { graceMs: Number.NaN }],
    ['maxAgeMs', { maxAgeMs: 30 }],
    ['basePath', { basePath: 'api/auth' }],
    ['basePath', { basePath: '/api/auth/' }],
    ['cookieName', { cookieName: 'a b' }],
    ['store', { store: new Map() }],
    ['jwt', { jwt: { encode: () => '' } }],
    ['secret', { secret: 12 }],
    ['secret', { secret: [] }],
    ['federated', { federated: {} }],
    ['federated', { federated: { clientId: 'web' } }],
    ['federated', { federated: { keycloak: { clientId: 'web', issuer: 'keycloak.example.com' } } }],
    ['baseUrl', { baseUrl: 'api.example.com' }],
    ['refreshTimeoutMs', { refreshTimeoutMs: 0 }],
    ['refreshAheadMs', { refreshAheadMS: 1 }],
  ])('%s is named', (option, options) => {
    expect(make(options)).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
    expect(make(options)).toThrow(option)
  })

  it('a page is told where to go', () => {
    vi.stubGlobal('document', {})
    expect(make({})).toThrow(/tokenflight\/next-auth/)
  })
})

describe('the secret', () => {
  const session = async (options: object) => {
    const value = await codec.encode({ token: { accessToken: 'a' }, secret: 'from the environment' })
    const cookies = { getAll: () => [{ name: 'next-auth.session-token', value }] }
    const client = await createNextAuthServer({ refresh, ...options }).forRequest({ cookies })
    return client.ready()
  }

  it.each(['NEXTAUTH_SECRET', 'AUTH_SECRET'])('is that of %s', async (name) => {
    vi.stubEnv('NEXTAUTH_SECRET', undefined)
    vi.stubEnv('AUTH_SECRET', undefined)
    vi.stubEnv(name, 'from the environment')
    expect(await session({})).toMatchObject({ status: 'signedIn' })
  })

  it('is asked for where there is none, once there is a cookie to read', async () => {
    vi.stubEnv('NEXTAUTH_SECRET', undefined)
    vi.stubEnv('AUTH_SECRET', undefined)
    await expect(session({})).rejects.toMatchObject({ cause: { code: 'AUTH_CONFIGURATION' } })
  })
})

describe('the cookie', () => {
  const value = () => codec.encode({ token: { accessToken: 'a', refreshToken: 'r' }, secret: 'x' })
  async function cookieSet(options: object, name: string) {
    const cookies = [{ name, value: await value() }]
    const set = vi.fn()
    const sessions = createNextAuthServer({ refresh, secret: 'x', ...options })
    const client = await sessions.forRequest({ cookies: { getAll: () => cookies, set } })
    await client.getAccessToken({ forceRefresh: true }).catch(() => {})
    return set.mock.calls.map(([of, , attributes]) => ({ name: of, ...attributes }))
  }

  it('X2: has the attributes that next-auth gives it', async () => {
    const usual = { path: '/', httpOnly: true, sameSite: 'lax', expires: expect.any(Date) }
    vi.stubEnv('NEXTAUTH_URL', undefined)
    const [plain] = await cookieSet({ store: undefined }, 'next-auth.session-token')
    expect(plain).toEqual({ ...usual, name: 'next-auth.session-token', secure: false })
    const [secure] = await cookieSet({}, '__Secure-next-auth.session-token')
    expect(secure).toEqual({ ...usual, name: '__Secure-next-auth.session-token', secure: true })
  })

  it('has those of the app, and its name and age', async () => {
    const options = { cookieName: 'sid', cookieAttributes: { domain: 'example.com', secure: true }, maxAgeMs: 60_000 }
    const before = Date.now()
    const [cookie] = await cookieSet(options, 'sid')
    expect(cookie).toMatchObject({ name: 'sid', domain: 'example.com', secure: true })
    expect(cookie.expires.getTime()).toBeGreaterThanOrEqual(before + 60_000)
    expect(cookie.expires.getTime()).toBeLessThan(before + 120_000)
  })

  it.each([
    ['https://app.example', 'next-auth.session-token'],
    ['http://localhost:3000', '__Secure-next-auth.session-token'],
  ])('of an app at %s is not one named %s', async (url, name) => {
    vi.stubEnv('NEXTAUTH_URL', url)
    expect(await cookieSet({}, name)).toEqual([])
  })
})

it('another package’s session cookie, which begins with the same name, is deleted where one is written', async () => {
  // v4 takes it for a chunk, and reads no session at all
  const options: NextAuthOptions = { secret: 'x', providers: [], logger: { warn: () => {} } }
  const browser = cookieBrowser('http://localhost:3000', (request) =>
    asRouteHandler(request, (next) => NextAuth(next, { params: Promise.resolve({ nextauth: ['session'] }) }, options)),
  )
  const token = { name: 'Ada', accessToken: 'a', refreshToken: `r-${crypto.randomUUID()}` }
  const name = 'next-auth.session-token'
  browser.keep([`${name}=${await codec.encode({ token, secret: 'x' })}`, `${name}.old=1`])
  const pairs = browser
    .snapshot()
    .split('; ')
    .map((pair) => pair.split('='))
  const client = await createNextAuthServer({ refresh, secret: 'x' }).forRequest({
    cookies: {
      getAll: () => pairs.map(([cookie = '', value = '']) => ({ name: cookie, value })),
      set: (cookie, value, { expires }) =>
        browser.keep([`${cookie}=${value}; Path=/; Expires=${expires.toUTCString()}`]),
    },
  })
  await client.getAccessToken({ forceRefresh: true })
  expect(browser.names(name)).toEqual([name])
  expect(await (await browser.fetch('/api/auth/session')).json()).toMatchObject({ user: { name: 'Ada' } })
})
