import type { AuthClient } from '../../core/auth-client'
import type { AuthClientOptions } from '../../core/auth-client-options'
import type { AuthEventName } from '../../core/auth-events'
import type { Refresher } from '../../core/refresher'
import { createAuthClient } from '../../create-auth-client'
import { echo } from '../authorization-server/echo'
import type { ApiHandler } from '../authorization-server/protected-api'
import { type FakeAuthorizationServer, fakeAuthorizationServer } from '../fake-authorization-server'
import type { FakeAuthorizationServerOptions } from '../fake-authorization-server-options'
import { type FakeClock, fakeClock } from '../fake-clock'
import { serve } from '../serve'
import type { PlainTransport, Transport, TransportFeature, TransportRequest, TransportResponse } from './transport'

/** What a case begins with. */
export interface WorldOptions {
  readonly server?: FakeAuthorizationServerOptions
  readonly client?: Partial<
    Pick<AuthClientOptions, 'header' | 'scheme' | 'authenticate' | 'isTokenRefused' | 'signOutOnSecondRefusal'>
  >
  /** `plain`: by the client under test. @defaultValue by fetch */
  readonly refresh?: 'plain'
  /** @defaultValue `true` */
  readonly signedIn?: boolean
}

/** A server behind a socket, another origin, and a client of the session with the transport under test. */
export interface World {
  readonly server: FakeAuthorizationServer
  readonly clock: FakeClock
  readonly url: string
  readonly elsewhere: Elsewhere
  readonly auth: AuthClient
  /** The names of the events so far, in order. */
  readonly events: readonly AuthEventName[]
  /** With the transport under test. A path is the server's; anything else has to be absolute. */
  send(path: string, request?: Omit<TransportRequest, 'url'>): Promise<TransportResponse>
}

/** Another origin. Answers 200, or what the path says: `/401`. */
export interface Elsewhere {
  readonly url: string
  /** The headers of each request, in order. */
  readonly requests: readonly Headers[]
}

/** One case, before it is given a transport. */
export interface TransportCase {
  readonly name: string
  readonly needs?: readonly TransportFeature[]
  readonly world?: WorldOptions
  run(world: World): Promise<void>
}

/** As RFC 6749 §6 has it. */
const formOf = (refreshToken: string): URLSearchParams =>
  new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken })

const refreshByFetch: Refresher = ({ refreshToken, fetch, signal }) =>
  fetch('/token', { method: 'POST', body: formOf(refreshToken), signal })

const refreshBy =
  (send: PlainTransport, url: string): Refresher =>
  async ({ refreshToken, signal }) => {
    // as text: not every client takes URLSearchParams
    const body = formOf(refreshToken).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await send({ url: `${url}/token`, method: 'POST', headers, body, signal })
    return Response.json(answer)
  }

/** What a suite is run with. */
export interface Tested {
  readonly make: (auth: AuthClient) => Transport
  readonly plain: PlainTransport | undefined
}

/** The protected API: an echo, but `/away` leads to another origin and `/around` to another path. */
const apiOf =
  (elsewhere: string): ApiHandler =>
  (request, { user }) => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/away')) return redirectTo(elsewhere + pathname.slice('/away'.length))
    if (pathname === '/around') return redirectTo('/landed')
    return echo(request, user, new Set(['authorization', 'x-token']))
  }

const redirectTo = (location: string): Response => new Response(null, { status: 302, headers: { location } })

/** Runs a case in a world of its own, and takes that down again. */
export async function inWorld(
  { make, plain }: Tested,
  { server: serverOptions, client, refresh: by, signedIn = true }: WorldOptions,
  run: (world: World) => Promise<void>,
): Promise<void> {
  const clock = fakeClock()
  const elsewhere = await serveElsewhere()
  const server = fakeAuthorizationServer({ clock, api: apiOf(elsewhere.url), ...serverOptions })
  const { url, close } = await serve(server.handle)
  const refresh = by === 'plain' && plain ? refreshBy(plain, url) : refreshByFetch
  const auth = createAuthClient({ baseUrl: url, clock, refresh, refreshRetries: 0, onError: () => {}, ...client })
  try {
    const events: AuthEventName[] = []
    auth.on('*', (name) => events.push(name))
    if (signedIn) await auth.signIn(server.signIn())
    const transport = make(auth)
    await run({
      ...{ server, clock, url, elsewhere, auth, events },
      send(path, request) {
        const sent = transport.send({ ...request, url: path.startsWith('/') ? url + path : path })
        // a case that fails leaves others under way
        sent.catch(() => undefined)
        return sent
      },
    })
  } finally {
    auth.dispose()
    await Promise.all([close(), elsewhere.close()])
  }
}

async function serveElsewhere(): Promise<Elsewhere & { close(): Promise<void> }> {
  const requests: Headers[] = []
  const { url, close } = await serve((request) => {
    requests.push(request.headers)
    return new Response('elsewhere', { status: Number(new URL(request.url).pathname.slice(1)) || 200 })
  })
  return { url, requests, close }
}
