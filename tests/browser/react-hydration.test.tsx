import { act, cleanup } from '@testing-library/react'
import { lazy, type ReactNode, StrictMode, Suspense } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToReadableStream } from 'react-dom/server'
import type { AuthClient } from 'tokenflight'
import { AuthProvider, useAuth, useRequireAuth } from 'tokenflight/react'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { deferred } from '../support/deferred'
import { startPageSession } from '../support/start-page-session'

afterEach(cleanup)

/** A page as a server sends it, then hydrated: with every complaint of React's. */
async function hydrate(auth: AuthClient, onServer: ReactNode, inPage: ReactNode = onServer) {
  const within = (page: ReactNode) => (
    <StrictMode>
      <AuthProvider auth={auth}>{page}</AuthProvider>
    </StrictMode>
  )
  const complaints: unknown[] = []
  vi.spyOn(console, 'error').mockImplementation((...args) => {
    // it is the price of a server within the page
    if (!String(args[0]).includes('Detected multiple renderers')) complaints.push(args)
  })
  const stream = await renderToReadableStream(within(onServer))
  await stream.allReady
  const container = document.createElement('div')
  container.innerHTML = await new Response(stream).text()
  document.body.append(container)
  const served = { text: container.textContent, element: container.querySelector('p') }
  const onRecoverableError = (error: unknown) => complaints.push(error)
  const root = await act(async () => hydrateRoot(container, within(inPage), { onRecoverableError }))
  onTestFinished(() => {
    act(() => root.unmount())
    container.remove()
  })
  return { container, served, complaints }
}

function Status() {
  return <p>{useAuth().status}</p>
}

it('C1: hydrates what the server sent without a complaint, then shows who is signed in, in the same element', async () => {
  const { auth, signIn } = startPageSession()
  await signIn()
  const { container, served, complaints } = await hydrate(auth, <Status />)
  expect([served.text, container.textContent, complaints]).toEqual(['restoring', 'signedIn', []])
  expect(container.querySelector('p')).toBe(served.element)
})

it('C2: sends nobody away who is signed in', async () => {
  const { auth, signIn } = startPageSession()
  await signIn()
  const leave = vi.fn()
  function Page() {
    return useRequireAuth({ onUnauthenticated: leave }).status
  }
  const { complaints } = await hydrate(auth, <Page />)
  expect([leave.mock.calls, complaints]).toEqual([[], []])
})

it('C1: a change while a part of the page is not hydrated yet leaves that part as it is until then', async () => {
  const { auth, signIn } = startPageSession()
  await auth.ready()
  const loaded = deferred<{ default: typeof Status }>()
  const LateStatus = lazy(() => loaded.promise)
  const page = (part: ReactNode) => (
    <>
      {<Suspense fallback="…">{part}</Suspense>}
      <b>
        <Status />
      </b>
    </>
  )
  const { container, served, complaints } = await hydrate(auth, page(<Status />), page(<LateStatus />))
  expect(container.textContent).toBe('restoringsignedOut')
  await act(() => signIn())
  expect([container.textContent, container.querySelector('p')]).toEqual(['restoringsignedIn', served.element])
  await act(async () => loaded.resolve({ default: Status }))
  expect([container.textContent, container.querySelector('p')]).toEqual(['signedInsignedIn', served.element])
  expect(complaints).toEqual([])
})
