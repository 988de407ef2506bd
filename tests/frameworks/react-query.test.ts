import { inspect } from 'node:util'
import { dehydrate, QueryClient } from '@tanstack/react-query'
import axios from 'axios'
import ky from 'ky'
import {
  isUnauthenticated,
  RefreshMisconfiguredError,
  RefreshUnavailableError,
  StorageError,
  UnauthenticatedError,
} from 'tokenflight'
import { axiosWithAuth } from 'tokenflight/axios'
import { kyWithAuth } from 'tokenflight/ky'
import {
  authInfiniteQueryOptions,
  authQueryFn,
  authQueryOptions,
  authRetry,
  connectQueryClient,
  InvalidDataError,
  keyToUrl,
  type QuerySource,
  ResponseError,
  readResponse,
} from 'tokenflight/react-query'
import * as valibot from 'valibot'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { startSession } from '../support/start-session'

describe('keyToUrl', () => {
  it.each([
    [['/users'], '/users'],
    [['/users/'], '/users/'],
    [['/users', {}], '/users'],
    [['/users', { page: 2 }], '/users?page=2'],
    [['/users', 7, 'posts', { page: 2, tag: ['a', 'b'] }], '/users/7/posts?page=2&tag=a&tag=b'],
    [['/users/', 7], '/users/7'],
    [['/users?all=1#top', { page: 2 }], '/users?all=1&page=2'],
    [['/users?q=a%20b'], '/users?q=a%20b'],
    [['/users?q=1', 7], '/users/7?q=1'],
    [['https://api.example/v1/users', { a: true }], 'https://api.example/v1/users?a=true'],
    [
      ['users', { since: new Date(0), none: undefined, nil: null, empty: '' }],
      'users?since=1970-01-01T00%3A00%3A00.000Z&empty=',
    ],
    [['/users', 'a/b?c#d', 'ü'], '/users/a%2Fb%3Fc%23d/%C3%BC'],
    [['/q', { q: 'a&b=c #d', 'na me': 1 }], '/q?q=a%26b%3Dc+%23d&na+me=1'],
  ])('%j is %s', (queryKey, url) => {
    expect(keyToUrl(queryKey)).toBe(url)
  })

  it.each([
    [2, '/feed?tag=a&page=2'],
    [undefined, '/feed?tag=a'],
    [null, '/feed?tag=a'],
    [{ cursor: 'x/y' }, '/feed?tag=a&cursor=x%2Fy'],
    [{ cursor: undefined }, '/feed?tag=a'],
  ])('the parameter %j of a page goes to the query', (pageParam, url) => {
    expect(keyToUrl(['/feed', { tag: 'a' }], pageParam)).toBe(url)
  })

  it.each([
    [[]],
    [[7]],
    [[{ url: '/users' }]],
    [['/users', { page: 1 }, 'posts']],
    [['/users', undefined]],
    [['/users', { filter: { name: 'x' } }]],
    [['/users', { list: [['nested']] }]],
    [['/users', '..', 'admin']],
    [['/users', '.']],
    [['/users', '']],
  ])('%j is none, and the error says what to do', (queryKey) => {
    const make = () => keyToUrl(queryKey)
    expect(make).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
    expect(make).toThrow('toUrl')
  })
})

describe('authRetry', () => {
  const inPage = () => vi.stubGlobal('window', {})
  const response = (status: number) => new ResponseError(new Response(null, { status }))

  it.each([
    ['a 401', response(401), false],
    ['a 403', response(403), false],
    ['a 401 of axios', { response: { status: 401 } }, false],
    ['a 403 of ky', { response: { status: 403 } }, false],
    ['nobody signed in', new UnauthenticatedError('nobody'), false],
    ['nobody signed in, wrapped', new Error('wrapped', { cause: new UnauthenticatedError('nobody') }), false],
    ['a misconfigured refresh', new RefreshMisconfiguredError('wrong'), false],
    ['data that does not fit', new InvalidDataError([]), false],
    ['an outage', new RefreshUnavailableError('outage', { status: 401 }), true],
    ['an outage, wrapped', { cause: new RefreshUnavailableError('outage') }, true],
    ['a storage that failed', new StorageError('storage'), true],
    ['a 500', response(500), true],
    ['a network error', new TypeError('fetch failed'), true],
  ])('C5: %s', (_, error, isRetried) => {
    inPage()
    expect(authRetry(3)(0, error)).toBe(isRetried)
  })

  it('C5: retries as often as it says, three times by default, on a server never', () => {
    const tried = (retry: ReturnType<typeof authRetry>) => [0, 1, 2, 3].filter((count) => retry(count, new Error('x')))
    expect(tried(authRetry())).toEqual([])
    inPage()
    expect([tried(authRetry()), tried(authRetry(1)), tried(authRetry(0))]).toEqual([[0, 1, 2], [0], []])
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (times) => {
    expect(() => authRetry(times)).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
  })
})

describe('readResponse', () => {
  it('C6, X1: a refusal rejects with status and response; no message, no inspection shows body, query or token', async () => {
    const { auth } = await startSession({
      server: { api: () => Response.json({ secret: 'of the body' }, { status: 404, statusText: 'secret' }) },
    })
    const error = await readResponse(await auth.fetch('/things?key=secret')).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ResponseError)
    if (!(error instanceof ResponseError)) return
    expect([error.status, error.name, await error.response.json()]).toEqual([
      404,
      'ResponseError',
      { secret: 'of the body' },
    ])
    expect(inspect(error, { depth: 9, showHidden: false }) + JSON.stringify(error)).not.toContain('secret')
  })

  it('the body of a refusal holds no connection while the error is kept', async () => {
    let isRead = false
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(70_000))
        isRead = true
        controller.close()
      },
    })
    const error = await readResponse(new Response(body, { status: 500 })).catch((thrown: unknown) => thrown)
    await expect.poll(() => isRead).toBe(true)
    expect((await (error as ResponseError).response.arrayBuffer()).byteLength).toBe(70_000)
  })

  it('C6: what is not JSON is told without quoting it', async () => {
    const reading = readResponse(new Response('<html>secret</html>'))
    await expect(reading).rejects.toMatchObject({ name: 'ResponseError', status: 200 })
    await expect(reading).rejects.not.toThrow('secret')
  })

  it('a refusal whose body was read before is one all the same', async () => {
    const response = new Response('read', { status: 500 })
    await response.text()
    await expect(readResponse(response)).rejects.toMatchObject({ name: 'ResponseError', status: 500 })
  })

  it('an empty body is null', async () => {
    expect(await readResponse(new Response(null, { status: 204 }))).toBeNull()
    expect(await readResponse(new Response(''))).toBeNull()
  })

  it('isUnauthenticated knows a 401 of it', async () => {
    expect(isUnauthenticated(new ResponseError(new Response(null, { status: 401 })))).toBe(true)
    expect(isUnauthenticated(new ResponseError(new Response(null, { status: 403 })))).toBe(false)
  })

  const schemas = {
    zod: z.object({ id: z.number() }),
    'zod, asynchronous': z.object({ id: z.number().refine(async () => true) }),
    valibot: valibot.object({ id: valibot.number() }),
    'a function': (data: unknown) => ({ id: z.object({ id: z.number() }).parse(data).id }),
  }
  it.each(Object.entries(schemas))('%s checks the data', async (_, schema) => {
    expect(await readResponse(Response.json({ id: 7, more: true }), schema)).toEqual({ id: 7 })
    await expect(readResponse(Response.json({ id: 'x' }), schema)).rejects.toThrow()
  })

  it.each([
    ['zod', schemas.zod],
    ['valibot', schemas.valibot],
  ])('C6: what %s has against it is in `issues`, and nowhere else', async (_, schema) => {
    const error = await readResponse(Response.json({ id: 'secret' }), schema).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'InvalidDataError', issues: [{ message: expect.any(String) }] })
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain('secret')
  })
})

describe('queries over', () => {
  const Echo = z.object({ path: z.string(), query: z.string() })
  async function startSource(name: string) {
    const session = await startSession({
      sockets: true,
      server: {
        api: async (request) => {
          const { pathname, search } = new URL(request.url)
          if (pathname.endsWith('/missing')) return new Response('secret', { status: 404 })
          if (pathname.endsWith('/empty')) return new Response(null, { status: pathname.includes('204') ? 204 : 200 })
          return Response.json({ path: pathname, query: search })
        },
      },
    })
    const sources: Record<string, QuerySource> = {
      auth: session.auth,
      axios: axiosWithAuth(session.auth, axios.create({ baseURL: session.baseUrl })),
      ky: kyWithAuth(session.auth, ky.create({ prefixUrl: session.baseUrl, retry: 0 })),
      'ky without errors': kyWithAuth(
        session.auth,
        ky.create({ prefixUrl: session.baseUrl, retry: 0, throwHttpErrors: false }),
      ),
    }
    const source = sources[name]
    if (!source) throw new Error(name)
    const queryClient = new QueryClient({ defaultOptions: { queries: { queryFn: authQueryFn(source), retry: false } } })
    onTestFinished(() => queryClient.clear())
    // ky 1 with a prefixUrl takes no slash
    const path = (of: string) => (name.startsWith('ky') ? of : `/${of}`)
    return { ...session, source, queryClient, path }
  }
  const names = ['auth', 'axios', 'ky']

  it.each(names)('%s: R3, F1: five refused ones make one refresh, and have their data', async (name) => {
    const { server, source, queryClient, path } = await startSource(name)
    server.refuseAccessTokens()
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((page) => queryClient.fetchQuery(authQueryOptions(source, [path('users'), { page }], Echo))),
    )
    expect(answers.map(({ query }) => query)).toEqual([1, 2, 3, 4, 5].map((page) => `?page=${page}`))
    expect(server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0, api: { requests: 10, accepted: 5 } })
  })

  it.each([...names, 'ky without errors'])('%s: a 404 is an error with its status', async (name) => {
    const { queryClient, path } = await startSource(name)
    const error = await queryClient.fetchQuery({ queryKey: [path('missing')] }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ response: { status: 404 } })
    expect(String(error)).not.toContain('secret')
  })

  it.each(names.flatMap((name) => ['empty', '204/empty'].map((path) => [name, path] as const)))(
    '%s: %s is null',
    async (name, at) => {
      const { queryClient, path } = await startSource(name)
      expect(await queryClient.fetchQuery({ queryKey: [path(at)] })).toBeNull()
    },
  )

  it.each(names)('%s: Q2: a cancelled query is aborted', async (name) => {
    const { server, queryClient, path } = await startSource(name)
    const gate = server.holdApiRequests()
    const fetched = queryClient.fetchQuery({ queryKey: [path('users')] }).catch((error: Error) => error.message)
    await gate.arrived()
    await queryClient.cancelQueries()
    expect(await fetched).toBe('CancelledError')
    await expect.poll(() => gate.waiting).toBe(0)
  })

  it.each(names)('%s: pages', async (name) => {
    const { queryClient, source, path } = await startSource(name)
    const options = authInfiniteQueryOptions(source, [path('feed'), { tag: 'a' }], Echo, {
      initialPageParam: 1,
      getNextPageParam: (_, pages) => pages.length + 1,
    })
    const { pages } = await queryClient.fetchInfiniteQuery({ ...options, pages: 2 })
    expect(pages.map(({ query }) => query)).toEqual(['?tag=a&page=1', '?tag=a&page=2'])
  })

  it('auth: toUrl replaces the rule', async () => {
    const { queryClient, auth } = await startSource('auth')
    const toUrl = (key: readonly unknown[], pageParam?: unknown) => `/v2/${key.join('-')}?p=${pageParam}`
    const queries = [
      queryClient.fetchQuery(authQueryOptions(auth, ['a', 'b'], Echo, { toUrl })),
      queryClient.fetchQuery({ queryKey: ['c', 'd'], queryFn: authQueryFn(auth, { toUrl }) }),
    ]
    expect(await Promise.all(queries)).toEqual([
      { path: '/v2/a-b', query: '?p=undefined' },
      { path: '/v2/c-d', query: '?p=undefined' },
    ])
    const feed = authInfiniteQueryOptions(auth, ['e'], Echo, {
      initialPageParam: 9,
      getNextPageParam: () => undefined,
      toUrl,
    })
    expect((await queryClient.fetchInfiniteQuery(feed)).pages).toEqual([{ path: '/v2/e', query: '?p=9' }])
  })

  it('what a server prefetched is dehydrated under the key that the page uses', async () => {
    const { queryClient, auth } = await startSource('auth')
    const options = authQueryOptions(auth, ['/users', { page: 1 }], Echo)
    await queryClient.prefetchQuery(options)
    expect(dehydrate(queryClient).queries).toMatchObject([
      { queryKey: ['/users', { page: 1 }], state: { data: { path: '/users', query: '?page=1' } } },
    ])
  })
})

describe('connectQueryClient, without a screen', () => {
  it('onlineManager and focusManager get no listener, and a disconnected cache none either', async () => {
    const { onlineManager, focusManager } = await import('@tanstack/react-query')
    const { auth } = await startSession()
    const queryClient = new QueryClient()
    const disconnect = connectQueryClient(auth, queryClient, { onUnauthenticated: () => {} })
    expect([onlineManager.hasListeners(), focusManager.hasListeners()]).toEqual([false, false])
    disconnect()
    expect([queryClient.getQueryCache().hasListeners(), queryClient.getMutationCache().hasListeners()]).toEqual([
      false,
      false,
    ])
  })

  it('what was hydrated stays when the session is restored, and what is in flight goes on', async () => {
    const first = await startSession()
    const stored = first.auth.getTokens()
    let answer = (): void => {}
    const read = new Promise((resolve) => {
      answer = () => resolve(stored)
    })
    const { auth } = first.client({ storage: { read: () => read, write: () => {} } })
    const queryClient = new QueryClient({ defaultOptions: { queries: { queryFn: authQueryFn(auth) } } })
    onTestFinished(() => queryClient.clear())
    queryClient.setQueryData(['/hydrated'], 'of the server')
    onTestFinished(connectQueryClient(auth, queryClient))
    const fetched = queryClient.fetchQuery({ queryKey: ['/things'] })
    expect(auth.state.status).toBe('restoring')
    answer()
    expect(await fetched).toMatchObject({ path: '/things' })
    expect(queryClient.getQueryData(['/hydrated'])).toBe('of the server')
    expect(first.server.counts.api.requests).toBe(1)
  })
})
