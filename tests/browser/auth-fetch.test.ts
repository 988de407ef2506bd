import {
  type AuthClient,
  type AuthClientOptions,
  createAuthClient,
  memoryStorage,
  type RevokeContext,
  type TokenlessAuthClientOptions,
  type TokenResponse,
} from 'tokenflight'
import type { ServerCounts } from 'tokenflight/testing'
import { tabStorage } from 'tokenflight/web-storage'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { order } from '../support/order'

const tokens: TokenResponse = { access_token: 'access-1', refresh_token: 'refresh-1' }

interface Started {
  readonly url: string
  readonly auth: AuthClient
  refuse(): Promise<unknown>
  counts(): Promise<ServerCounts>
}

/** A server in the process that started this page, and a client signed in to it. */
async function start(client: Partial<AuthClientOptions> = {}, server: object = {}): Promise<Started> {
  const url = await order<string>({ start: server })
  const auth = createAuthClient({
    baseUrl: url,
    refresh: ({ refreshToken, fetch, signal }) =>
      fetch('/token', {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
        signal,
      }),
    ...client,
  } as AuthClientOptions)
  await auth.signIn(await order<TokenResponse>({ url, command: 'signIn' }))
  return {
    url,
    auth,
    refuse: () => order({ url, command: 'refuseAccessTokens' }),
    counts: () => order<ServerCounts>({ url, command: 'counts' }),
  }
}

/** A client whose requests go nowhere: URL and `authorization` of each. */
async function startRecorded(options: Partial<AuthClientOptions> = {}) {
  const sent: [string, string | null][] = []
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    sent.push([request.url, request.headers.get('authorization')])
    return new Response('ok')
  }
  const auth = createAuthClient({ fetch, ...options } as AuthClientOptions)
  await auth.signIn(tokens)
  return { auth, sent }
}

function addBase(href: string): void {
  const base = document.createElement('base')
  base.href = href
  document.head.append(base)
  onTestFinished(() => base.remove())
}

afterEach(() => vi.restoreAllMocks())

describe('the page’s own origin', () => {
  it('A1, A9: gets the token where neither baseUrl nor allowedOrigins is given, and nothing else does', async () => {
    const { auth, sent } = await startRecorded()
    for (const url of ['/x', `${location.origin}/y`, '//evil.example/x', 'https://evil.example/x', '/\\evil.example/x'])
      await auth.fetch(url)
    expect(sent).toEqual([
      [`${location.origin}/x`, 'Bearer access-1'],
      [`${location.origin}/y`, 'Bearer access-1'],
      [`${location.protocol}//evil.example/x`, null],
      ['https://evil.example/x', null],
      [`${location.protocol}//evil.example/x`, null],
    ])
  })

  it('A1: gets none where allowedOrigins are given', async () => {
    const { auth, sent } = await startRecorded({ allowedOrigins: ['https://api.example.com'] })
    await auth.fetch('/x')
    await auth.fetch('https://api.example.com/x')
    expect(sent).toEqual([
      [`${location.origin}/x`, null],
      ['https://api.example.com/x', 'Bearer access-1'],
    ])
  })

  it('A9: without a baseUrl a relative URL means what it means to fetch', async () => {
    addBase('/deep/app/')
    const { auth, sent } = await startRecorded()
    for (const url of ['x', '/x', '?a=1']) await auth.fetch(url)
    expect(sent.map(([url]) => url)).toEqual(['x', '/x', '?a=1'].map((url) => new Request(url).url))
  })

  it('A9: a relative baseUrl is relative to the page', async () => {
    const { auth, sent } = await startRecorded({ baseUrl: '/api/v1' })
    await auth.fetch('/users')
    expect(sent).toEqual([[`${location.origin}/api/v1/users`, 'Bearer access-1']])
    expect(auth.baseUrl).toBe(`${location.origin}/api/v1`)
  })

  it('A1: a <base> of another origin gets no token', async () => {
    addBase('https://cdn.example/assets/')
    const { auth, sent } = await startRecorded()
    await auth.fetch('x')
    await auth.fetch(`${location.origin}/x`)
    const relative = await startRecorded({ baseUrl: '/api' })
    await relative.auth.fetch('/x')
    expect([...sent, ...relative.sent]).toEqual([
      ['https://cdn.example/assets/x', null],
      [`${location.origin}/x`, 'Bearer access-1'],
      [`${location.origin}/api/x`, 'Bearer access-1'],
    ])
  })

  it('A1: what a page takes for a path is sent where the token was meant for', async () => {
    const { auth, url, counts } = await start()
    const withoutSlashes = url.replace('http://', 'http:')
    expect((await auth.fetch(`${withoutSlashes}/things`)).status).toBe(200)
    expect(await counts()).toMatchObject({ api: { requests: 1, accepted: 1 } })
  })
})

describe('a redirect', () => {
  it('A5: to another origin goes without the token', async () => {
    const { auth } = await start()
    const elsewhere = await order<string>({ start: {} })
    const response = await auth.fetch(`/away?to=${elsewhere}/things`)
    // `Bearer` alone: no token was sent. One that this server does not know is an invalid_token
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(response.url).toBe(`${elsewhere}/things`)
  })

  it('A5: is not followed with a header of another name, not even within the origin', async () => {
    const { auth, url, counts } = await start({ header: 'x-token' }, { header: 'x-token' })
    const elsewhere = await order<string>({ start: { header: 'x-token' } })
    expect((await auth.fetch('/things')).status).toBe(200)
    await expect(auth.fetch(`/away?to=${elsewhere}/things`)).rejects.toThrow(TypeError)
    await expect(auth.fetch(`/away?to=${url}/things`)).rejects.toThrow(TypeError)
    expect(await counts()).toMatchObject({ tokenRequests: 0, api: { requests: 3 } })
    expect(await order({ url: elsewhere, command: 'counts' })).toMatchObject({ api: { requests: 0 } })
  })

  it('A5: with a header of another name a fetch without the token follows it', async () => {
    const { auth } = await start({ header: 'x-token' }, { header: 'x-token' })
    const elsewhere = await order<string>({ start: {} })
    await auth.signOut()
    const response = await auth.fetch(`${elsewhere}/away?to=${elsewhere}/things`)
    expect(response.status).toBe(401)
  })
})

describe('requests that are refused', () => {
  it('R3, B1, B2: are sent again after one refresh, as they were', async () => {
    const { auth, refuse, counts, url } = await start()
    const form = new FormData()
    form.append('title', 'Grüße')
    const bodies: [BodyInit, string][] = [
      ['text ✓', 'text ✓'],
      [new Blob(['blob']), 'blob'],
      [new TextEncoder().encode('bytes'), 'bytes'],
      [new URLSearchParams({ a: 'ü' }), 'a=%C3%BC'],
      [form, 'Grüße'],
    ]
    await refuse()
    const sent = [
      ...bodies.map(([body]) => auth.fetch('/things', { method: 'POST', body })),
      auth.fetch(new Request(`${url}/things`, { method: 'POST', body: 'of a Request' })),
    ]
    const seen = await Promise.all(sent.map(async (response) => (await (await response).json()).body))
    expect(seen).toEqual([...bodies.map(([, body]) => expect.stringContaining(body)), 'of a Request'])
    expect(await counts()).toMatchObject({ refreshes: 1, api: { accepted: bodies.length + 1 } })
  })
})

describe('a Request', () => {
  const referrers: [RequestInit, string | null][] = [
    [{}, `${location.origin}/`],
    [{ referrerPolicy: 'no-referrer' }, null],
    [{ referrer: '' }, null],
    [{ referrer: '/page', referrerPolicy: 'unsafe-url' }, `${location.origin}/page`],
  ]
  it.each(referrers)('B1: with %j tells where it comes from as it was told to', async (init, expected) => {
    const { auth, url, refuse } = await start()
    await refuse()
    for (const own of [undefined, {}, { authenticate: true }]) {
      const response = await auth.fetch(new Request(`${url}/things`, init), own)
      expect((await response.json()).referrer).toBe(expected)
    }
  })
})

describe('refreshWithoutToken', () => {
  const make = (storage?: TokenlessAuthClientOptions['storage']) => () =>
    createAuthClient({
      baseUrl: 'https://api.example.com',
      refreshWithoutToken: true,
      refresh: () => ({ accessToken: 'access-1' }),
      ...(storage && { storage }),
    })
  const inMemory = { read: () => undefined, write: () => {} }
  const unshared: [string, TokenlessAuthClientOptions['storage']][] = [
    ['the default storage', undefined],
    ['memoryStorage', memoryStorage()],
    ['a storage without a lock', inMemory],
  ]
  it.each(unshared)('S6: refuses %s, and names tabStorage', (_, storage) => {
    expect(make(storage)).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
    expect(make(storage)).toThrow('tabStorage')
  })

  it('S6, S2: with tabStorage a page that was reloaded is signed in without a request', async () => {
    const auth = make(tabStorage({ key: crypto.randomUUID() }))()
    expect(auth.state.status).toBe('restoring')
    const signedIn = new Promise<void>((resolve) => {
      auth.on('signedIn', () => resolve())
    })
    await signedIn
    expect(await auth.getAccessToken()).toBe('access-1')
  })
})

describe('what a page sees of it', () => {
  it('X2: nothing is stored unless it is asked for', async () => {
    const before = [{ ...localStorage }, { ...sessionStorage }, document.cookie]
    const { auth } = await start()
    await auth.fetch('/things')
    expect([{ ...localStorage }, { ...sessionStorage }, document.cookie]).toEqual(before)
  })

  it('Q5, X1: reportError gets what handlers throw, and nothing of what others threw', async () => {
    const reported: unknown[] = []
    vi.spyOn(globalThis, 'reportError').mockImplementation((error) => void reported.push(error))
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    const own = new Error('of a handler')
    const refresh = (): never => {
      throw new Error('secret of a refresher')
    }
    const { auth } = await startRecorded({ refresh, refreshRetries: 0 })
    auth.on('refreshFailed', () => {
      throw own
    })
    await expect(auth.getAccessToken({ forceRefresh: true })).rejects.toMatchObject({
      code: 'AUTH_REFRESH_UNAVAILABLE',
    })
    expect(reported).toEqual([own])
    expect(logged).not.toHaveBeenCalled()
  })

  it('S4: a revocation goes out with keepalive', async () => {
    const revoke = ({ refreshToken = '', fetch }: RevokeContext) =>
      fetch('/revoke', { method: 'POST', body: new URLSearchParams({ token: refreshToken }) })
    const sent = vi.spyOn(globalThis, 'fetch')
    const { auth, counts } = await start({ revoke })
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(sent.mock.calls.at(-1)?.[1]).toMatchObject({ keepalive: true, redirect: 'error' })
    vi.restoreAllMocks()
    expect(await counts()).toMatchObject({ revocations: 1 })
  })

  it('R6: a fetch that is taken off its object works', async () => {
    const { auth } = await start()
    const { fetch } = auth
    expect((await fetch('/things')).status).toBe(200)
  })
})
