import {
  dehydrate,
  HydrationBoundary,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useSuspenseQuery,
} from '@tanstack/react-query'
import { act, cleanup, render, renderHook, waitFor } from '@testing-library/react'
import { type ReactNode, Suspense, useEffect } from 'react'
import useSWR, { SWRConfig } from 'swr'
import { authInfiniteQueryOptions, authQueryOptions, connectQueryClient, readResponse } from 'tokenflight/react-query'
import { afterEach, expect, it } from 'vitest'
import { Answer, mountQuery, startQueryPage } from '../support/start-query-page'

afterEach(cleanup)

it('R3, F1: five queries that meet a refused token make one refresh, and all succeed', async () => {
  const page = await startQueryPage()
  page.server.refuseAccessTokens()
  const queries = [1, 2, 3, 4, 5].map((number) => mountQuery(page, '/things', { number }))
  await waitFor(() => expect(queries.map(({ user }) => user())).toEqual(Array(5).fill('a')))
  expect(page.server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0, api: { requests: 10, accepted: 5 } })
})

it('C5, F5: an outage of the authorization server is waited out by the retries, and signs nobody out', async () => {
  const page = await startQueryPage({ session: { client: { refreshCooldownMs: 0 } } })
  page.server.refuseAccessTokens()
  page.server.faults.token.next({ status: 503 }, { status: 503 })
  const { user } = mountQuery(page)
  await waitFor(() => expect(user()).toBe('a'))
  expect(page.server.counts).toMatchObject({ tokenRequests: 3, refreshes: 1 })
})

it('C5, S3: a rejected refresh token is asked for once; nothing is retried', async () => {
  const page = await startQueryPage()
  page.server.revokeUser('a')
  const said: string[] = []
  page.auth.on('unauthenticated', ({ reason }) => said.push(reason))
  const queries = [1, 2, 3].map((number) => mountQuery(page, '/things', { number }))
  await waitFor(() => expect(queries.map(({ result }) => result.current.status)).toEqual(Array(3).fill('error')))
  expect([said, page.server.counts.tokenRequests, page.server.counts.api.requests]).toEqual([['refreshRejected'], 1, 3])
})

it('Q2: a query that leaves the screen is aborted', async () => {
  const page = await startQueryPage()
  const gate = page.server.holdApiRequests()
  const { unmount } = mountQuery(page)
  await gate.arrived()
  unmount()
  await waitFor(() => expect([page.queryClient.isFetching(), gate.waiting]).toEqual([0, 0]))
  gate.release()
  expect(page.queryClient.getQueryData(['/me'])).toBeUndefined()
})

it('a suspended query shows its data, under Strict Mode', async () => {
  const page = await startQueryPage()
  function Me() {
    return useSuspenseQuery(authQueryOptions(page.auth, ['/me'], Answer)).data.user
  }
  const { container } = render(
    <Suspense fallback="…">
      <Me />
    </Suspense>,
    { wrapper: page.wrapper, reactStrictMode: true },
  )
  expect(container.textContent).toBe('…')
  await waitFor(() => expect(container.textContent).toBe('a'))
  expect(page.server.counts.api.requests).toBe(1)
})

it('what a server prefetched is shown without a request', async () => {
  const page = await startQueryPage()
  const onServer = new QueryClient()
  const options = { ...authQueryOptions(page.auth, ['/me'], Answer), staleTime: 60_000 }
  await onServer.prefetchQuery(options)
  const { requests } = page.server.counts.api
  function Me() {
    return useQuery(options).data?.user
  }
  const { container } = render(
    <HydrationBoundary state={dehydrate(onServer)}>
      <Me />
    </HydrationBoundary>,
    { wrapper: page.wrapper },
  )
  expect([container.textContent, page.server.counts.api.requests]).toEqual(['a', requests])
})

it('pages follow each other', async () => {
  const page = await startQueryPage()
  const options = authInfiniteQueryOptions(page.auth, ['/feed'], Answer, {
    initialPageParam: { cursor: 'x' },
    getNextPageParam: (_, pages) => ({ cursor: `after-${pages.length}` }),
  })
  const { result } = renderHook(
    () => {
      const { data, fetchNextPage } = useInfiniteQuery(options)
      return { data, fetchNextPage }
    },
    { wrapper: page.wrapper },
  )
  await waitFor(() => expect(result.current.data?.pages).toHaveLength(1))
  await act(() => result.current.fetchNextPage())
  await waitFor(() =>
    expect(result.current.data?.pages.map(({ path }) => path)).toEqual(['/feed?cursor=x', '/feed?cursor=after-1']),
  )
  await act(() => page.signIn('b'))
  await waitFor(() => expect(result.current.data?.pages.map(({ user }) => user)).toEqual(['b']))
})

it('a mutation is refreshed and sent once more, and its refusal is an error', async () => {
  const page = await startQueryPage()
  page.server.refuseAccessTokens()
  const { result } = renderHook(
    () =>
      useMutation({
        mutationFn: async (path: string) =>
          readResponse(await page.auth.fetch(path, { method: 'POST', body: '{"name":"x"}' }), Answer),
      }),
    { wrapper: page.wrapper },
  )
  await act(() => result.current.mutateAsync('/users'))
  await waitFor(() => expect(result.current.data).toEqual({ user: 'a', path: '/users' }))
  page.server.faults.api.next({ status: 409 })
  await act(() => result.current.mutateAsync('/users').catch(() => {}))
  await waitFor(() => expect(result.current.error).toMatchObject({ name: 'ResponseError', status: 409 }))
})

it('under Strict Mode, connected in an effect, another user’s sign-in fetches each query once', async () => {
  const page = await startQueryPage({ connect: false })
  function Connected({ children }: { children: ReactNode }) {
    useEffect(() => connectQueryClient(page.auth, page.queryClient), [])
    return children
  }
  const { user } = mountQuery({
    ...page,
    wrapper: ({ children }) => <Connected>{page.wrapper({ children })}</Connected>,
    reactStrictMode: true,
  })
  await waitFor(() => expect(user()).toBe('a'))
  page.server.resetCounts()
  await act(() => page.signIn('b'))
  await waitFor(() => expect(user()).toBe('b'))
  expect(page.server.counts.api.requests).toBe(1)
})

it('SWR has the session with a fetcher of two lines', async () => {
  const page = await startQueryPage()
  page.server.refuseAccessTokens()
  const fetcher = (url: string) =>
    page.auth.fetch(url).then((response) => (response.ok ? response.json() : Promise.reject(response)))
  const { result } = renderHook(() => ['/me', '/you'].map((path) => useSWR(path, fetcher).data), {
    wrapper: ({ children }) => <SWRConfig value={{ provider: () => new Map() }}>{children}</SWRConfig>,
  })
  await waitFor(() => expect(result.current).toMatchObject([{ user: 'a' }, { user: 'a' }]))
  expect(page.server.counts.refreshes).toBe(1)
})
