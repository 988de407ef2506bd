import { keepPreviousData, QueryClient, QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query'
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import {
  authQueryFn,
  authQueryOptions,
  authRetry,
  type ConnectOptions,
  connectQueryClient,
} from 'tokenflight/react-query'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { deferred } from '../support/deferred'
import { type PageSession, startPageSession } from '../support/start-page-session'

afterEach(cleanup)

const Answer = z.object({ user: z.string(), path: z.string() })

/** The API tells each user who they are. */
const whoAmI = async (request: Request, { user }: { user: string }): Promise<Response> => {
  const { pathname, search } = new URL(request.url)
  return Response.json({ user, path: pathname + search })
}

interface PageWithQueries extends PageSession {
  readonly queryClient: QueryClient
  readonly wrapper: (props: { children: ReactNode }) => ReactNode
}

async function startPage(
  connect: ConnectOptions | false = {},
  options: Parameters<typeof startPageSession>[0] = {},
): Promise<PageWithQueries> {
  const session = startPageSession({ ...options, server: { api: whoAmI, ...options.server } })
  const queryClient = new QueryClient({
    defaultOptions: { queries: { queryFn: authQueryFn(session.auth), retry: authRetry(3), retryDelay: 0 } },
  })
  onTestFinished(() => queryClient.clear())
  await session.signIn('a')
  if (connect) onTestFinished(connectQueryClient(session.auth, queryClient, connect))
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
  )
  return { ...session, queryClient, wrapper }
}

/** A query on the screen, and every user whose data it has shown. */
function mountQuery({ auth, wrapper }: PageWithQueries, key: string | readonly [string, object] = '/me') {
  const shown: (string | undefined)[] = []
  const queryKey = typeof key === 'string' ? ([key] as const) : key
  const hook = renderHook(
    () => {
      const query = useQuery(authQueryOptions(auth, queryKey, Answer))
      const user = query.data?.user
      if (shown.length === 0 || shown.at(-1) !== user) shown.push(user)
      return query
    },
    { wrapper },
  )
  return { ...hook, shown }
}

describe('queries', () => {
  it('R3, F1: five that meet an expired token make one refresh, and all succeed', async () => {
    const page = await startPage()
    page.server.refuseAccessTokens()
    const queries = [1, 2, 3, 4, 5].map((number) => mountQuery(page, ['/things', { number }]))
    await waitFor(() => expect(queries.map(({ result }) => result.current.status)).toEqual(Array(5).fill('success')))
    expect(page.server.counts).toMatchObject({ refreshes: 1, familiesRevoked: 0, api: { accepted: 5 } })
  })

  it('Q2: a query that leaves the screen is aborted', async () => {
    const page = await startPage()
    const gate = page.server.holdApiRequests()
    const { unmount } = mountQuery(page)
    await gate.arrived()
    unmount()
    await waitFor(() => expect(page.queryClient.isFetching()).toBe(0))
    gate.release()
    expect(page.queryClient.getQueryData(['/me'])).toBeUndefined()
  })
})

describe('connectQueryClient', () => {
  it('F9: what is on the screen loses the data of user A when user B signs in, and shows B’s', async () => {
    const page = await startPage()
    const { result, shown } = mountQuery(page)
    await waitFor(() => expect(result.current.data?.user).toBe('a'))
    await act(() => page.signIn('b'))
    await waitFor(() => expect(result.current.data?.user).toBe('b'))
    expect(shown).toEqual([undefined, 'a', undefined, 'b'])
  })

  it('without it the data of user A stays on the screen', async () => {
    const page = await startPage(false)
    const { result } = mountQuery(page)
    await waitFor(() => expect(result.current.data?.user).toBe('a'))
    await act(() => page.signIn('b'))
    page.queryClient.clear()
    expect(result.current.data?.user).toBe('a')
  })

  it('F9: an answer for user A that comes late reaches nobody', async () => {
    const page = await startPage()
    const gate = page.server.holdApiRequests()
    const { result, shown } = mountQuery(page)
    const prefetched = page.queryClient.fetchQuery({ queryKey: ['/loader'] }).catch((error: Error) => error.message)
    await gate.arrived(2)
    await act(() => page.signIn('b'))
    expect(await prefetched).toBe('CancelledError')
    await act(async () => gate.release())
    await waitFor(() => expect(result.current.data?.user).toBe('b'))
    expect(shown).toEqual([undefined, 'b'])
    expect(page.queryClient.getQueryData(['/loader'])).toBeUndefined()
  })

  it('F9: a late answer reaches nobody also where nothing is aborted', async () => {
    const page = await startPage()
    const answers: ((user: string) => void)[] = []
    const { result } = renderHook(
      () => useQuery({ queryKey: ['slow'], queryFn: () => new Promise<string>((resolve) => answers.push(resolve)) }),
      { wrapper: page.wrapper },
    )
    await act(() => page.signIn('b'))
    expect(answers).toHaveLength(2)
    await act(async () => answers[0]?.('a'))
    expect(result.current.data).toBeUndefined()
    await act(async () => answers[1]?.('b'))
    await waitFor(() => expect(result.current.data).toBe('b'))
  })

  it('F9: keepPreviousData keeps nothing of another user', async () => {
    const page = await startPage()
    const seen: (string | undefined)[] = []
    const { result, rerender } = renderHook(
      (number: number) => {
        const query = useQuery({
          ...authQueryOptions(page.auth, ['/things', { number }], Answer),
          placeholderData: keepPreviousData,
        })
        seen.push(query.data?.user)
        return query
      },
      { wrapper: page.wrapper, initialProps: 1 },
    )
    await waitFor(() => expect(result.current.data?.user).toBe('a'))
    const gate = page.server.holdApiRequests()
    rerender(2)
    await gate.arrived()
    expect(result.current).toMatchObject({ isPlaceholderData: true, data: { user: 'a' } })
    await act(() => page.signIn('b'))
    await waitFor(() => expect(result.current.data).toBeUndefined())
    const before = seen.length
    await act(async () => gate.release())
    await waitFor(() => expect(result.current.data?.user).toBe('b'))
    expect(seen.slice(before)).not.toContain('a')
  })

  it('the same user’s data stays when the session was lost and they sign in again; what failed is fetched again', async () => {
    const page = await startPage()
    const kept = mountQuery(page, '/kept')
    await waitFor(() => expect(kept.result.current.data?.user).toBe('a'))
    page.server.revokeUser('a')
    const failed = mountQuery(page, '/failed')
    await waitFor(() => expect(failed.result.current.status).toBe('error'))
    expect(page.auth.state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
    const { requests } = page.server.counts.api
    await act(() => page.signIn('a'))
    await waitFor(() => expect(failed.result.current.data?.user).toBe('a'))
    expect(kept.shown).toEqual([undefined, 'a'])
    expect(page.server.counts.api.requests).toBe(requests + 1)
  })

  it('after a lost session another user finds nothing of it', async () => {
    const page = await startPage()
    const { result, shown } = mountQuery(page)
    await waitFor(() => expect(result.current.data?.user).toBe('a'))
    page.server.revokeUser('a')
    await act(() => page.auth.getAccessToken({ forceRefresh: true }).catch(() => {}))
    expect(result.current.data?.user).toBe('a')
    await act(() => page.signIn('b'))
    await waitFor(() => expect(result.current.data?.user).toBe('b'))
    expect(shown).toEqual([undefined, 'a', undefined, 'b'])
  })

  it('a sign-out takes the data off the screen and sends nothing; the next sign-in fetches it', async () => {
    const page = await startPage()
    const { result } = mountQuery(page)
    await waitFor(() => expect(result.current.data?.user).toBe('a'))
    const { requests } = page.server.counts.api
    await act(() => page.auth.signOut())
    await waitFor(() => expect(result.current.data).toBeUndefined())
    expect([page.server.counts.api.requests, page.queryClient.isFetching()]).toEqual([requests, 0])
    await act(() => page.signIn('a'))
    await waitFor(() => expect(result.current.data?.user).toBe('a'))
  })

  it('a rolled-back optimistic update of user A does not reach user B', async () => {
    const page = await startPage()
    const { promise, reject } = deferred<never>()
    const { result } = renderHook(
      () =>
        useMutation({
          mutationFn: () => promise,
          onError: () => void page.queryClient.setQueryData(['/notes'], 'of a'),
        }),
      { wrapper: page.wrapper },
    )
    act(() => result.current.mutate())
    await waitFor(() => expect(result.current.isPending).toBe(true))
    await act(() => page.signIn('b'))
    await act(async () => reject(new Error('late')))
    expect(page.queryClient.getQueryData(['/notes'])).toBeUndefined()
    expect(result.current).toMatchObject({ isIdle: true, error: null })
  })

  it('after it is disconnected it does nothing', async () => {
    const page = await startPage(false)
    connectQueryClient(page.auth, page.queryClient)()
    const { result } = mountQuery(page)
    await waitFor(() => expect(result.current.data?.user).toBe('a'))
    await act(() => page.signIn('b'))
    expect(result.current.data?.user).toBe('a')
  })

  it('an unknown clear says what there is', async () => {
    const wrong = () => connectQueryClient(startPageSession().auth, new QueryClient(), { clear: 'never' as never })
    expect(wrong).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
    expect(wrong).toThrow('userChange, signOut, sessionEnd')
  })
})
