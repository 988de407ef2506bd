import {
  keepPreviousData,
  onlineManager,
  QueryClient,
  useMutation,
  useQuery,
  useSuspenseQuery,
} from '@tanstack/react-query'
import { act, cleanup, render, renderHook, waitFor } from '@testing-library/react'
import { Suspense } from 'react'
import { memoryStorage } from 'tokenflight'
import { authQueryOptions, type ConnectOptions, connectQueryClient } from 'tokenflight/react-query'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { deferred } from '../support/deferred'
import { startPageSession } from '../support/start-page-session'
import { Answer, mountQuery, type QueryPage, startQueryPage } from '../support/start-query-page'

afterEach(cleanup)

/** The session ends, and nobody meant it to. */
async function loseSession({ server, auth }: QueryPage): Promise<void> {
  server.revokeUser('a')
  await act(() => auth.getAccessToken({ forceRefresh: true }).catch(() => {}))
}

describe('another user', () => {
  it('C3: takes the place of user A on the screen', async () => {
    const page = await startQueryPage()
    const { user, shown } = mountQuery(page)
    await waitFor(() => expect(user()).toBe('a'))
    await act(() => page.signIn('b'))
    await waitFor(() => expect(user()).toBe('b'))
    expect(shown).toEqual([undefined, 'a', undefined, 'b'])
  })

  it('does not where it is not connected: not even clear() takes user A’s data off the screen', async () => {
    const page = await startQueryPage({ connect: false })
    const { user } = mountQuery(page)
    await waitFor(() => expect(user()).toBe('a'))
    await act(() => page.signIn('b'))
    await act(async () => page.queryClient.clear())
    expect(user()).toBe('a')
  })

  it('C3: who signs in in another tab counts', async () => {
    const storage = memoryStorage()
    const page = await startQueryPage({ session: { client: { storage } } })
    const { user, shown } = mountQuery(page)
    await waitFor(() => expect(user()).toBe('a'))
    const other = startPageSession({ client: { storage } })
    await act(() => other.auth.signIn(page.server.signIn('b')))
    await waitFor(() => expect(user()).toBe('b'))
    expect(shown).toEqual([undefined, 'a', undefined, 'b'])
  })

  it('C3: never sees what user A’s requests bring late', async () => {
    const page = await startQueryPage()
    const gate = page.server.holdApiRequests()
    const { user, shown } = mountQuery(page)
    const loaded = page.queryClient.fetchQuery({ queryKey: ['/loader'] }).catch((error: Error) => error.message)
    await gate.arrived(2)
    await act(() => page.signIn('b'))
    expect(await loaded).toBe('CancelledError')
    await act(async () => gate.release())
    await waitFor(() => expect(user()).toBe('b'))
    expect(shown).toEqual([undefined, 'b'])
    expect(page.queryClient.getQueryData(['/loader'])).toBeUndefined()
  })

  it('C3: never sees it either where nothing can be aborted', async () => {
    const page = await startQueryPage()
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

  it('C3: never sees it while suspended', async () => {
    const page = await startQueryPage()
    const seen: string[] = []
    function Me() {
      const { user } = useSuspenseQuery(authQueryOptions(page.auth, ['/me'], Answer)).data
      seen.push(user)
      return user
    }
    const gate = page.server.holdApiRequests()
    const { container } = render(
      <Suspense fallback="…">
        <Me />
      </Suspense>,
      { wrapper: page.wrapper },
    )
    await gate.arrived()
    await act(() => page.signIn('b'))
    await act(async () => gate.release())
    await waitFor(() => expect(container.textContent).toBe('b'))
    expect(new Set(seen)).toEqual(new Set(['b']))
  })

  it('C3: suspends what was shown of user A', async () => {
    const page = await startQueryPage()
    function Me() {
      return useSuspenseQuery(authQueryOptions(page.auth, ['/me'], Answer)).data.user
    }
    const { container } = render(
      <Suspense fallback="…">
        <Me />
      </Suspense>,
      { wrapper: page.wrapper },
    )
    await waitFor(() => expect(container.textContent).toBe('a'))
    await act(() => page.signIn('b'))
    await waitFor(() => expect(container.textContent).toMatch(/b$/))
  })

  it('C3: gets nothing of user A from keepPreviousData', async () => {
    const page = await startQueryPage()
    const seen: (string | undefined)[] = []
    const { result, rerender } = renderHook(
      (number: number) => {
        const options = authQueryOptions(page.auth, ['/things', { number }], Answer)
        const query = useQuery({ ...options, placeholderData: keepPreviousData })
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

  it('C3: leaves a query that is switched off empty and unfetched', async () => {
    const page = await startQueryPage()
    const options = authQueryOptions(page.auth, ['/me'], Answer)
    const { result, rerender } = renderHook((enabled: boolean) => useQuery({ ...options, enabled }), {
      wrapper: page.wrapper,
      initialProps: true,
    })
    await waitFor(() => expect(result.current.data?.user).toBe('a'))
    rerender(false)
    page.server.resetCounts()
    await act(() => page.signIn('b'))
    await waitFor(() => expect(result.current).toMatchObject({ data: undefined, fetchStatus: 'idle' }))
    expect(page.server.counts.api.requests).toBe(0)
  })
})

describe('the same user', () => {
  it('C4: keeps the data over a lost session; what failed meanwhile is fetched again', async () => {
    const page = await startQueryPage()
    const kept = mountQuery(page, '/kept')
    await waitFor(() => expect(kept.user()).toBe('a'))
    page.server.revokeUser('a')
    const failed = mountQuery(page, '/failed')
    await waitFor(() => expect(failed.result.current.status).toBe('error'))
    expect(page.auth.state).toMatchObject({ status: 'signedOut', reason: 'refreshRejected' })
    page.server.resetCounts()
    await act(() => page.signIn('a'))
    await waitFor(() => expect(failed.user()).toBe('a'))
    expect(kept.shown).toEqual([undefined, 'a'])
    expect(page.server.counts.api.requests).toBe(1)
  })

  it('C4: keeps it when they sign in again without a sign-out', async () => {
    const page = await startQueryPage()
    const { user, shown } = mountQuery(page)
    await waitFor(() => expect(user()).toBe('a'))
    await act(() => page.signIn('a'))
    await act(() => page.auth.getAccessToken({ forceRefresh: true }))
    expect(shown).toEqual([undefined, 'a'])
    expect(page.server.counts.api.requests).toBe(1)
  })

  it('C4: gets an answer for a request that was sent before', async () => {
    const page = await startQueryPage()
    const gate = page.server.holdApiRequests()
    const { user } = mountQuery(page)
    await gate.arrived()
    await act(() => page.signIn('a'))
    await act(async () => gate.release())
    await waitFor(() => expect(user()).toBe('a'))
  })

  it('C4: is not known where tokens are opaque: then the data leaves, unless userOf can tell', async () => {
    const opaque = { session: { server: { tokenFormat: 'opaque' } } } as const
    const page = await startQueryPage(opaque)
    const told = await startQueryPage({ ...opaque, connect: { userOf: () => 'a' } })
    const [leaves, stays] = [mountQuery(page), mountQuery(told)]
    await waitFor(() => expect([leaves.user(), stays.user()]).toEqual(['a', 'a']))
    await act(() => Promise.all([page.signIn('a'), told.signIn('a')]))
    await waitFor(() => expect(leaves.shown).toEqual([undefined, 'a', undefined, 'a']))
    expect(stays.shown).toEqual([undefined, 'a'])
  })
})

describe('the end of a session', () => {
  const ends = {
    'a sign-out': ({ auth }: QueryPage) => act(() => auth.signOut()),
    'a lost session': loseSession,
  }
  const cases: [clear: ConnectOptions['clear'], end: keyof typeof ends, isKept: boolean][] = [
    [undefined, 'a sign-out', false],
    [undefined, 'a lost session', true],
    ['signOut', 'a sign-out', false],
    ['signOut', 'a lost session', true],
    ['userChange', 'a sign-out', true],
    ['userChange', 'a lost session', true],
    ['sessionEnd', 'a sign-out', false],
    ['sessionEnd', 'a lost session', false],
  ]
  it.each(cases)(
    'C4: clear: %s, %s: the data stays is %s; another user finds none of it',
    async (clear, end, isKept) => {
      const page = await startQueryPage({ connect: clear ? { clear } : {} })
      const { user, shown } = mountQuery(page)
      await waitFor(() => expect(user()).toBe('a'))
      page.queryClient.setQueryData(['unseen'], 'of a')
      page.server.resetCounts()
      await ends[end](page)
      await waitFor(() => expect(user()).toBe(isKept ? 'a' : undefined))
      expect(page.queryClient.getQueryData(['unseen'])).toBe(isKept ? 'of a' : undefined)
      expect([page.server.counts.api.requests, page.queryClient.isFetching()]).toEqual([0, 0])
      await act(() => page.signIn('b'))
      await waitFor(() => expect(user()).toBe('b'))
      expect(shown).toEqual([undefined, 'a', undefined, 'b'])
      expect(page.queryClient.getQueryData(['unseen'])).toBeUndefined()
    },
  )

  it('C4: a sign-out in another tab is one', async () => {
    const storage = memoryStorage()
    const page = await startQueryPage({ session: { client: { storage } } })
    const { user } = mountQuery(page)
    await waitFor(() => expect(user()).toBe('a'))
    await act(() => startPageSession({ client: { storage } }).auth.signOut())
    await waitFor(() => expect(user()).toBeUndefined())
    expect(page.auth.state).toMatchObject({ reason: 'signedOutElsewhere' })
  })

  it('C4: leaves alone what keep says', async () => {
    const page = await startQueryPage({ connect: { keep: ({ meta }) => meta?.['public'] === true } })
    const queryFn = vi.fn(async () => 'news')
    const { result } = renderHook(() => useQuery({ queryKey: ['news'], queryFn, meta: { public: true } }), {
      wrapper: page.wrapper,
    })
    await waitFor(() => expect(result.current.data).toBe('news'))
    await act(() => page.auth.signOut())
    await act(() => page.signIn('b'))
    expect([result.current.data, queryFn.mock.calls.length]).toEqual(['news', 1])
  })

  it('C3: is not missed by a cache that is connected again only after another user has signed in', async () => {
    const page = await startQueryPage({ connect: false })
    connectQueryClient(page.auth, page.queryClient)()
    page.queryClient.setQueryData(['of a'], 'a')
    await page.auth.signOut()
    await page.signIn('b')
    onTestFinished(connectQueryClient(page.auth, page.queryClient))
    expect(page.queryClient.getQueryData(['of a'])).toBeUndefined()
    page.queryClient.setQueryData(['of b'], 'b')
    connectQueryClient(page.auth, page.queryClient)()
    expect(page.queryClient.getQueryData(['of b'])).toBe('b')
  })

  it('after it is disconnected it does nothing', async () => {
    const page = await startQueryPage({ connect: false })
    connectQueryClient(page.auth, page.queryClient)()
    const { user } = mountQuery(page)
    await waitFor(() => expect(user()).toBe('a'))
    await act(() => page.signIn('b'))
    expect(user()).toBe('a')
  })
})

it('C4: who signs in where nobody was keeps what is there, and fetches it again', async () => {
  const page = await startQueryPage({ user: null })
  const news = vi.fn(async () => 'news')
  const open = renderHook(() => useQuery({ queryKey: ['news'], queryFn: news }), { wrapper: page.wrapper })
  const { user, result } = mountQuery(page)
  await waitFor(() => expect([open.result.current.data, result.current.status]).toEqual(['news', 'error']))
  await act(() => page.signIn('a'))
  await waitFor(() => expect(user()).toBe('a'))
  expect([open.result.current.data, news.mock.calls.length]).toEqual(['news', 2])
})

it('C4: what is in flight for nobody when somebody signs in is sent again', async () => {
  const page = await startQueryPage({ user: null })
  const gate = page.server.holdApiRequests()
  const { user, result } = mountQuery(page)
  await gate.arrived()
  await act(() => page.signIn('a'))
  await act(async () => gate.release())
  await waitFor(() => expect(user()).toBe('a'))
  expect(result.current.errorUpdateCount).toBe(0)
})

describe('mutations', () => {
  it('C3: a result leaves the screen, and a rolled-back optimistic update reaches nobody', async () => {
    const page = await startQueryPage()
    const { promise, reject } = deferred<never>()
    const setNotes = () => void page.queryClient.setQueryData(['/notes'], 'of a')
    const { result } = renderHook(
      () => [
        useMutation({ mutationFn: async () => 'of a' }),
        useMutation({ mutationFn: () => promise, onError: setNotes, onSettled: setNotes }),
      ],
      { wrapper: page.wrapper },
    )
    act(() => {
      for (const { mutate } of result.current) mutate()
    })
    await waitFor(() => expect(result.current).toMatchObject([{ data: 'of a' }, { isPending: true }]))
    await act(() => page.signIn('b'))
    await act(async () => reject(new Error('late')))
    expect(result.current).toMatchObject([
      { isIdle: true, data: undefined },
      { isIdle: true, error: null },
    ])
    expect(page.queryClient.getQueryData(['/notes'])).toBeUndefined()
  })

  it('C3: user A’s is not sent as user B when the network is back', async () => {
    const page = await startQueryPage()
    onlineManager.setOnline(false)
    onTestFinished(() => onlineManager.setOnline(true))
    const mutationFn = vi.fn(() => page.auth.fetch('/orders', { method: 'POST' }))
    const { result } = renderHook(() => useMutation({ mutationFn }), { wrapper: page.wrapper })
    act(() => result.current.mutate())
    await waitFor(() => expect(result.current.isPaused).toBe(true))
    await act(() => page.signIn('b'))
    await act(async () => onlineManager.setOnline(true))
    await act(() => page.queryClient.resumePausedMutations())
    expect([mutationFn.mock.calls.length, page.server.counts.api.requests]).toEqual([0, 0])
  })

  it('C3: user A’s is not tried again as user B', async () => {
    const page = await startQueryPage()
    const mutationFn = vi.fn(async () => {
      throw new Error('first attempt')
    })
    const retryDelay = (): number => {
      void page.signIn('b')
      return 0
    }
    const { result } = renderHook(() => useMutation({ mutationFn, retry: 1, retryDelay }), { wrapper: page.wrapper })
    const settled = await act(() => result.current.mutateAsync().catch((error: Error) => error))
    expect(settled).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(mutationFn).toHaveBeenCalledTimes(1)
  })
})

describe('onUnauthenticated', () => {
  it('is told once between two sign-ins, also of requests that were never sent', async () => {
    const told = vi.fn()
    const page = await startQueryPage({ connect: { onUnauthenticated: told, clear: 'userChange' } })
    const required = async () => readAs(await page.auth.fetch('/me', { authenticate: 'required' }))
    const readAs = (response: Response) => response.json()
    await act(() => page.auth.signOut())
    const { result } = renderHook(
      () => [1, 2, 3].map((number) => useQuery({ queryKey: ['required', number], queryFn: required })),
      { wrapper: page.wrapper },
    )
    const mutation = renderHook(() => useMutation({ mutationFn: required }), { wrapper: page.wrapper })
    await act(() => mutation.result.current.mutateAsync().catch(() => {}))
    await waitFor(() => expect(result.current.map(({ status }) => status)).toEqual(Array(3).fill('error')))
    expect(told.mock.calls).toMatchObject([[{ code: 'AUTH_UNAUTHENTICATED' }]])
    await act(() => page.signIn('a'))
    await waitFor(() => expect(result.current.map(({ status }) => status)).toEqual(Array(3).fill('success')))
    await act(() => page.auth.signOut())
    await act(() => mutation.result.current.mutateAsync().catch(() => {}))
    expect(told).toHaveBeenCalledTimes(2)
  })

  it('is not told of a mutation whose session was ended on purpose', async () => {
    const told = vi.fn()
    const page = await startQueryPage({ connect: { onUnauthenticated: told } })
    const { promise, reject } = deferred<never>()
    const mutationFn = vi.fn(() => promise)
    const { result } = renderHook(() => useMutation({ mutationFn }), { wrapper: page.wrapper })
    const settled = result.current.mutateAsync().catch((error: unknown) => error)
    await waitFor(() => expect(mutationFn).toHaveBeenCalled())
    await act(() => page.auth.signOut())
    await act(async () => reject({ status: 401 }))
    expect(await settled).toEqual({ status: 401 })
    expect(told).not.toHaveBeenCalled()
  })

  it('is not told of other errors, nor of a refusal while somebody is signed in', async () => {
    const told = vi.fn()
    const page = await startQueryPage({ connect: { onUnauthenticated: told } })
    const statuses = [401, 403, 404]
    const { result } = renderHook(
      () =>
        statuses.map((status) =>
          useQuery({ queryKey: [status], retry: false, queryFn: () => Promise.reject({ status }) }),
        ),
      { wrapper: page.wrapper },
    )
    await waitFor(() => expect(result.current.map(({ status }) => status)).toEqual(Array(3).fill('error')))
    await act(async () => {})
    expect(told).not.toHaveBeenCalled()
  })
})

it('an unknown clear says what there is', () => {
  const wrong = () => connectQueryClient(startPageSession().auth, new QueryClient(), { clear: 'never' as never })
  expect(wrong).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
  expect(wrong).toThrow('userChange, signOut, sessionEnd')
})
