import { onTestFinished } from 'vitest'
import {
  type AuthClient,
  type AuthClientOptions,
  type AuthEventName,
  type AuthEvents,
  createAuthClient,
  type Refresher,
  type TokenResponse,
} from '../../src'
import {
  type FakeAuthorizationServer,
  type FakeAuthorizationServerOptions,
  type FakeClock,
  fakeAuthorizationServer,
  fakeClock,
  serve,
} from '../../src/testing'

/** Any options of a client; what is left out is the harness's. */
export type ClientOptions = {
  readonly [Name in Exclude<keyof AuthClientOptions, 'refreshWithoutToken'>]?: AuthClientOptions[Name] | undefined
} & { readonly refreshWithoutToken?: boolean }

export interface SessionOptions {
  readonly server?: FakeAuthorizationServerOptions
  readonly client?: ClientOptions | undefined
  /** Who is signed in at the start; `undefined`: nobody. @defaultValue `'user'` */
  readonly user?: string | undefined
  /** Over real sockets on loopback instead of in memory. @defaultValue `false` */
  readonly sockets?: boolean
}

export type RecordedEvent = {
  [Name in AuthEventName]: { readonly name: Name } & AuthEvents[Name]
}[AuthEventName]

/** A client at work, and what it has said. */
export interface TestClient {
  readonly auth: AuthClient
  /** Every event, in order. */
  readonly events: RecordedEvent[]
  /** The names of the events, in order. */
  readonly said: AuthEventName[]
  /** What went to `onError`. */
  readonly errors: unknown[]
  /** All events of this name. */
  all<Name extends AuthEventName>(name: Name): AuthEvents[Name][]
  /** The next event of this name that comes from now on. */
  next<Name extends AuthEventName>(name: Name): Promise<AuthEvents[Name]>
}

export interface TestSession extends TestClient {
  readonly server: FakeAuthorizationServer
  readonly clock: FakeClock
  readonly baseUrl: string
  /** Another client of the same server and clock; it shares the session where it is given the same storage. */
  client(options?: ClientOptions): TestClient
}

/** Refreshes as RFC 6749 §6 has it. */
export const refreshByForm: Refresher = ({ refreshToken, fetch, signal }) =>
  fetch('/token', {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    signal,
  })

/**
 * A client of a fake authorization server, signed in. Time is a fake clock that both share; retries pause for half of what they may.
 * Everything is closed when the test ends.
 */
export async function startSession({
  server: serverOptions,
  client: clientOptions,
  sockets = false,
  ...given
}: SessionOptions = {}): Promise<TestSession> {
  const clock = fakeClock()
  const server = fakeAuthorizationServer({ clock, ...serverOptions })
  const served = sockets ? await serve(server.handle) : undefined
  if (served) onTestFinished(() => served.close())
  const baseUrl = served?.url ?? 'https://server.example'

  const client = (options: ClientOptions = {}): TestClient => {
    const errors: unknown[] = []
    const auth = createAuthClient({
      baseUrl,
      clock,
      random: () => 0.5,
      refresh: refreshByForm,
      onError: (error: unknown) => errors.push(error),
      ...(sockets ? {} : { fetch: server.fetch }),
      ...options,
    } as AuthClientOptions)
    onTestFinished(() => auth.dispose())
    return { auth, errors, ...record(auth) }
  }
  const first = client(clientOptions)
  const user = 'user' in given ? given.user : 'user'
  if (user !== undefined) await first.auth.signIn(server.signIn(user))
  return { ...first, server, clock, baseUrl, client }
}

function record(auth: AuthClient): Pick<TestClient, 'events' | 'said' | 'all' | 'next'> {
  const events: RecordedEvent[] = []
  const said: AuthEventName[] = []
  auth.on('*', (name, event) => {
    events.push({ name, ...event } as RecordedEvent)
    said.push(name)
  })
  return {
    events,
    said,
    all: <Name extends AuthEventName>(name: Name) =>
      events.filter((event) => event.name === name) as unknown as AuthEvents[Name][],
    next: (name) =>
      new Promise((resolve) => {
        const stop = auth.on(name, (event) => {
          stop()
          resolve(event)
        })
      }),
  }
}

/** Tokens of one's own making: `tokens(2)` are what `tokens(1)` were refreshed to. */
export const wireTokens = (n: number, expiresIn = 300): TokenResponse => ({
  access_token: `access-${n}`,
  refresh_token: `refresh-${n}`,
  expires_in: expiresIn,
})

/** What has become of a promise so far: look at it after `clock.advance`. */
export function outcome<T>(promise: Promise<T>): { value?: T; error?: unknown; readonly pending: boolean } {
  const result: { value?: T; error?: unknown; pending: boolean } = { pending: true }
  promise.then(
    (value) => Object.assign(result, { value, pending: false }),
    (error) => Object.assign(result, { error, pending: false }),
  )
  return result
}
