import { act, cleanup, configure, render, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { memoryStorage, type TokenStorage } from 'tokenflight'
import { AuthProvider, useAuth, useRequireAuth } from 'tokenflight/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { deferred } from '../support/deferred'
import { startPageSession } from '../support/start-page-session'

// not <StrictMode> in a wrapper: React runs effects twice only where it is at the root
configure({ reactStrictMode: true })
afterEach(cleanup)

const within =
  (auth: Parameters<typeof AuthProvider>[0]['auth']) =>
  ({ children }: { children: ReactNode }) => <AuthProvider auth={auth}>{children}</AuthProvider>

/** A storage that is read when the test says so. */
function heldStorage(): { storage: TokenStorage; release: () => void } {
  const { promise, resolve } = deferred<void>()
  const inner = memoryStorage()
  return {
    storage: { ...inner, read: () => promise.then(() => inner.read()) },
    release: resolve,
  }
}

describe('useAuth', () => {
  it('C1, S1, S2: is restoring until the storage was read, then says who is signed in; no other state in between', async () => {
    const { storage, release } = heldStorage()
    const { auth, server } = startPageSession({ client: { storage } })
    await storage.write({ accessToken: server.signIn().access_token })
    const seen: string[] = []
    function Status() {
      const { status } = useAuth()
      if (seen.at(-1) !== status) seen.push(status)
      return status
    }
    const { container } = render(<Status />, { wrapper: within(auth) })
    expect(container.textContent).toBe('restoring')
    await act(async () => {
      release()
      await auth.ready()
    })
    expect(container.textContent).toBe('signedIn')
    expect(seen).toEqual(['restoring', 'signedIn'])
  })

  it('C1: shows at the first render what is known by then', async () => {
    const { auth, signIn } = startPageSession()
    await signIn()
    const seen: string[] = []
    renderHook(() => seen.push(useAuth().status), { wrapper: within(auth) })
    expect(new Set(seen)).toEqual(new Set(['signedIn']))
  })

  it('S3: says why a session ended, and signs out', async () => {
    const { auth, signIn } = startPageSession()
    await signIn()
    const { result } = renderHook(useAuth, { wrapper: within(auth) })
    const { signOut } = result.current
    await act(signOut)
    expect(result.current).toMatchObject({ status: 'signedOut', reason: 'signOut' })
    await act(() => signIn())
    expect(result.current).toMatchObject({ status: 'signedIn', reason: undefined })
  })

  it('C1: renders nothing anew when tokens are refreshed, and is the same object', async () => {
    const { auth, signIn } = startPageSession()
    await signIn()
    const rendered = vi.fn(useAuth)
    const { result } = renderHook(rendered, { wrapper: within(auth) })
    const [before, { length }] = [result.current, rendered.mock.calls]
    await act(() => auth.getAccessToken({ forceRefresh: true }))
    expect(rendered).toHaveBeenCalledTimes(length)
    expect(result.current).toBe(before)
  })

  it('leaves no listener behind, also under Strict Mode', async () => {
    const { auth, signIn } = startPageSession()
    await signIn()
    let [listeners, subscribed] = [0, 0]
    const subscribe = (listener: () => void) => {
      const stop = auth.subscribe(listener)
      listeners += 1
      subscribed += 1
      return () => {
        listeners -= 1
        stop()
      }
    }
    const watched = Object.create(auth, { subscribe: { value: subscribe } })
    const { unmount } = renderHook(useAuth, { wrapper: within(watched) })
    expect([listeners, subscribed]).toEqual([1, 2])
    unmount()
    expect(listeners).toBe(0)
  })

  it.each([
    ['useAuth', useAuth],
    ['useRequireAuth', () => useRequireAuth({ redirectTo: '/login' })],
  ])('%s outside of a provider says what to do', (_, useIt) => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const outside = () => renderHook(useIt)
    expect(outside).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
    expect(outside).toThrow('AuthProvider')
  })
})

describe('useRequireAuth', () => {
  const requireWith = (auth: Parameters<typeof within>[0], redirect?: boolean) => {
    const told = vi.fn()
    const hook = renderHook(
      (on: boolean | undefined) => useRequireAuth({ onUnauthenticated: (...args) => told(...args), redirect: on }),
      {
        wrapper: within(auth),
        initialProps: redirect,
      },
    )
    return { told, ...hook }
  }

  it('C2: sends nobody away while restoring, and once when nobody is signed in', async () => {
    const { storage, release } = heldStorage()
    const { auth } = startPageSession({ client: { storage } })
    const { told, rerender } = requireWith(auth)
    await act(async () => {})
    expect(told).not.toHaveBeenCalled()
    await act(async () => {
      release()
      await auth.ready()
    })
    rerender(undefined)
    await act(async () => {})
    expect(told.mock.calls).toEqual([[undefined]])
  })

  it('C2: sends away at each end of a session, with its reason', async () => {
    const { auth, server, signIn } = startPageSession()
    await signIn('a')
    const { told, result } = requireWith(auth)
    await act(async () => {})
    expect([result.current.status, told.mock.calls]).toEqual(['signedIn', []])
    await act(() => auth.signOut())
    await act(() => signIn('a'))
    server.revokeUser('a')
    await act(() => auth.getAccessToken({ forceRefresh: true }).catch(() => {}))
    expect(told.mock.calls).toEqual([['signOut'], ['refreshRejected']])
  })

  it('C2: sends nobody away while redirect is false', async () => {
    const { auth, signIn } = startPageSession()
    await signIn()
    const { told, rerender, result } = requireWith(auth, false)
    await act(() => auth.signOut())
    expect([result.current.status, told.mock.calls.length]).toEqual(['signedOut', 0])
    rerender(true)
    await act(async () => {})
    expect(told).toHaveBeenCalledTimes(1)
  })

  it('calls what the last render gave', async () => {
    const { auth, signIn } = startPageSession()
    await signIn()
    const told: string[] = []
    const { rerender } = renderHook(
      (name: string) => useRequireAuth({ onUnauthenticated: () => void told.push(name) }),
      { wrapper: within(auth), initialProps: 'first' },
    )
    rerender('second')
    await act(() => auth.signOut())
    rerender('third')
    await act(async () => {})
    expect(told).toEqual(['second'])
  })

  it('C2: a page that comes later sends away too; one that is gone does not', async () => {
    const { auth, signIn } = startPageSession()
    await signIn()
    const first = requireWith(auth)
    first.unmount()
    await act(() => auth.signOut())
    expect(first.told).not.toHaveBeenCalled()
    const second = requireWith(auth)
    await act(async () => {})
    expect(second.told).toHaveBeenCalledTimes(1)
  })

  it('redirectTo replaces the page', async () => {
    const { auth, signIn } = startPageSession()
    await signIn()
    const { length } = history
    renderHook(() => useRequireAuth({ redirectTo: '#login' }), { wrapper: within(auth) })
    await act(() => auth.signOut())
    expect([location.hash, history.length]).toEqual(['#login', length])
    history.replaceState(null, '', location.pathname + location.search)
  })

  it('without a way to go says what to do', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { auth } = startPageSession()
    const without = () => renderHook(() => useRequireAuth({} as never), { wrapper: within(auth) })
    expect(without).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
    expect(without).toThrow('redirectTo')
  })

  it('AuthProvider without a client says what to do', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const without = () => render(<AuthProvider auth={undefined as never}></AuthProvider>)
    expect(without).toThrow(expect.objectContaining({ code: 'AUTH_CONFIGURATION' }))
  })
})
