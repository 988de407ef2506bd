import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { type Refresher, RefreshRejectedError } from '../../src'
import { madeStorage } from '../support/made-storage'
import { apiOrigin, startRecorded } from '../support/start-recorded'
import { type ClientOptions, startSession, type TestSession } from '../support/start-session'

const seconds = (n: number): number => n * 1000

/** Everything a log could show of a value. */
function shownOf(value: unknown): string {
  const json = ((): string => {
    try {
      return JSON.stringify(value) ?? ''
    } catch {
      return ''
    }
  })()
  const inspected = inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    maxArrayLength: null,
    maxStringLength: null,
  })
  return [json, inspected, String(value), value instanceof Error ? value.stack : ''].join('\n')
}
/** Every token of the fake server begins with `fake-`; what foreign code throws here holds `secret`. */
const secrets = /fake-(access|refresh)|secret/i

/** As an HTTP client's error is: with the request, its headers and the answer. */
const foreign = (tokens = 'fake-access-x fake-refresh-x'): Error =>
  Object.assign(new Error(`request with ${tokens} failed: secret`, { cause: new Error(`secret ${tokens}`) }), {
    code: 'ERR_BAD_RESPONSE',
    config: { headers: { Authorization: `Bearer ${tokens}` }, data: `refresh_token=${tokens}` },
    request: { header: `Authorization: ${tokens}` },
    response: { status: 503, data: { error: tokens }, headers: { 'set-cookie': 'secret' } },
  })
const throwing = (): never => {
  throw foreign()
}

/** What a session did on the way, for the eyes of a log. */
interface Shown {
  readonly thrown: unknown[]
  readonly session: TestSession
}

async function run(
  client: ClientOptions,
  act: (session: TestSession) => Promise<unknown>,
  user?: string,
): Promise<Shown> {
  const session = await startSession({
    ...(user === undefined ? {} : { user }),
    client: { refreshRetries: 0, ...client },
  })
  await session.clock.advance(0)
  const thrown: unknown[] = []
  await act(session).then(
    (value) => thrown.push(value instanceof Response ? [...value.headers] : value),
    (error) => thrown.push(error),
  )
  await session.clock.advance(seconds(30))
  return { thrown, session }
}

const expired = async ({ auth, clock }: TestSession): Promise<unknown> => {
  clock.shiftWallClock(seconds(300))
  const request = auth.fetch('/x?code=secret', { method: 'POST', body: 'secret' })
  request.catch(() => {})
  await clock.advance(seconds(30))
  return request
}
const answering =
  (body: unknown, status = 400): Refresher =>
  () =>
    Response.json(body, { status })
const description = 'secret fake-refresh-1-1'

const failures: [string, ClientOptions, (session: TestSession) => Promise<unknown>][] = [
  ['a refresher that throws', { refresh: throwing }, expired],
  ['a refresher that rejects', { refresh: async () => throwing() }, expired],
  ['a refresher that throws a text', { refresh: () => Promise.reject('secret fake-refresh-1-1') }, expired],
  [
    'a refresher that throws one of our own errors, with what led to it',
    { refresh: () => Promise.reject(new RefreshRejectedError('over', { cause: foreign() })) },
    expired,
  ],
  ['an outage', { refresh: answering({ error: 'server_error', error_description: description }, 503) }, expired],
  ['a rejection', { refresh: answering({ error: 'invalid_grant', error_description: description }) }, expired],
  ['a misconfiguration', { refresh: answering({ error: 'invalid_client', error_description: description }) }, expired],
  [
    'a wish to see the user',
    { refresh: answering({ error: 'login_required', error_description: description }) },
    expired,
  ],
  ['an unknown code that is a token', { refresh: answering({ error: 'fake-refresh-1-1' }) }, expired],
  ['a page', { refresh: () => new Response(`<html>${description}`, { status: 502 }) }, expired],
  [
    'an answer that is no token set',
    { refresh: answering({ accessToken: 'fake-access-1 x', refresh: 'secret' }, 200) },
    expired,
  ],
  ['a refresh that hangs', { refresh: () => new Promise(() => {}) }, expired],
  ['an endless refresh of the same token', { refresh: ({ tokens }) => tokens }, expired],
  [
    'a storage that fails',
    { storage: Object.assign(madeStorage(), { replace: throwing, write: throwing, read: throwing, lock: throwing }) },
    expired,
  ],
  [
    'a storage that fails at the start',
    { storage: { read: throwing, write: () => {} } },
    async ({ auth }) => {
      await auth.signOut()
      return auth.getAccessToken()
    },
  ],
  [
    'an input that is no token set',
    {},
    ({ auth }) => auth.signIn({ accessToken: 'fake-access 1', secret: 'secret' } as never),
  ],
  ['a text instead of a token set', {}, ({ auth }) => auth.signIn('fake-access-1-1' as never)],
  ['a relative URL without a base', { baseUrl: undefined }, ({ auth }) => auth.fetch('/x?code=secret#secret')],
  [
    'nobody signed in',
    {},
    async ({ auth }) => {
      await auth.signOut()
      return auth.fetch('/x?secret', { authenticate: 'required' })
    },
  ],
  [
    'a refused token',
    {},
    async ({ auth, server }) => {
      server.faults.api.always({ refuse: true })
      return auth.fetch('/x?code=secret')
    },
  ],
  ['a sign-out whose revocation fails', { revoke: throwing, endSessionUrl: throwing }, ({ auth }) => auth.signOut()],
  ['callbacks that fail', { authenticate: throwing, isTokenRefused: throwing }, ({ auth }) => auth.fetch('/x')],
]

describe.each(failures)('what is shown of %s', (_, client, act) => {
  it('X1: no token in an error, a result, an event, the state or the client', async () => {
    const { thrown, session } = await run(client, act)
    const shown = shownOf([thrown, session.events, session.auth.state, session.auth])
    expect(shown).not.toMatch(secrets)
    for (const error of thrown) expect(shownOf(error)).not.toMatch(secrets)
    for (const event of session.events) expect(shownOf(event)).not.toMatch(secrets)
  })

  it('X1, Q5: the default onError prints nothing foreign', async () => {
    const printed: unknown[] = []
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, method).mockImplementation((...args: unknown[]) => void printed.push(...args))
    }
    await run({ ...client, onError: undefined }, act)
    vi.restoreAllMocks()
    // what handlers and callbacks of the app throw is the app's own, and it has no other place to be seen
    const isOwn = client.authenticate !== undefined
    if (isOwn) expect(printed.length).toBeGreaterThan(0)
    else expect(printed).toEqual([])
  })
})

describe('foreign causes', () => {
  it('X1: stay as name, code and status; the original goes to onError, whole', async () => {
    const original = Object.assign(
      new TypeError('secret', { cause: Object.assign(new Error('secret'), { code: 'EPIPE' }) }),
      {
        config: { headers: { Authorization: 'secret' } },
      },
    )
    const { thrown, session } = await run({ refresh: () => Promise.reject(original) }, expired)
    const [error] = thrown as Error[]
    expect(error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE', cause: { name: 'TypeError', code: 'EPIPE' } })
    expect(Object.keys(error?.cause ?? {})).toEqual(['name', 'code'])
    expect(Object.getOwnPropertyDescriptor(error, 'cause')?.enumerable).toBe(false)
    expect(session.errors).toContain(original)
  })

  it('X1: of a storage, too', async () => {
    const original = foreign()
    const { session } = await run({ storage: { read: () => Promise.reject(original), write: () => {} } }, expired)
    expect(session.all('storageError').length).toBeGreaterThan(0)
    for (const { error } of session.all('storageError')) {
      expect(error.cause).toEqual({ name: 'Error', code: 'ERR_BAD_RESPONSE', status: 503 })
    }
    expect(session.errors).toContain(original)
  })

  it('X1: of a revocation, too', async () => {
    const original = foreign()
    const { thrown, session } = await run({ revoke: () => Promise.reject(original) }, ({ auth }) => auth.signOut())
    expect(thrown).toEqual([{ revoked: false, error: { name: 'Error', code: 'ERR_BAD_RESPONSE', status: 503 } }])
    expect(session.errors).toEqual([original])
  })
})

describe('what works', () => {
  it('X1: no event of a session from sign-in to sign-out holds a token', async () => {
    const session = await startSession({
      client: { revoke: async () => {}, allowedOrigins: ['https://files.example'] },
    })
    const { auth, server, clock, events } = session
    await auth.fetch('/x?code=secret')
    await auth.fetch('/x?code=secret', { headers: { authorization: 'secret' } })
    await auth.fetch('https://elsewhere.example/x?code=secret').catch(() => {})
    server.refuseAccessTokens()
    await auth.fetch('/x?code=secret')
    clock.shiftWallClock(seconds(250))
    await auth.fetch('/x?code=secret')
    await auth.setTokens(server.signIn())
    await auth.signIn(server.signIn('other'))
    await auth.signOut()
    await auth.fetch('/x?code=secret')
    expect(new Set(events.map(({ name }) => name)).size).toBeGreaterThanOrEqual(7)
    expect(shownOf(events)).not.toMatch(secrets)
    expect(shownOf(auth)).not.toMatch(secrets)
  })

  it('X1: a response shows nothing of what it was asked with', async () => {
    const session = await startRecorded({ answer: () => new Response('ok', { headers: { 'x-own': '1' } }) })
    const request = new Request(`${apiOrigin}/x`, { method: 'POST', body: 'x' })
    const init = { headers: { 'x-own': '1' } }
    const shown = [await session.auth.fetch(request), await session.auth.fetch('/x', init), request, init]
    expect(shownOf(shown)).not.toContain('access-1')
    expect([...request.headers].map(([name]) => name)).toEqual(['content-type'])
  })

  it('X1: the request that isTokenRefused and authenticate are shown carries no token', async () => {
    const seen: unknown[] = []
    const { auth } = await startRecorded({
      client: {
        authenticate: (request) => {
          seen.push(shownOf(request), request.header('authorization'))
          return true
        },
        isTokenRefused: (response, request) => {
          seen.push(shownOf([response, request]), request.header('authorization'))
          return false
        },
      },
    })
    await auth.fetch('/x')
    await auth.fetch(new Request(`${apiOrigin}/x`))
    expect(seen).toHaveLength(8)
    expect(seen.join('\n')).not.toContain('access-1')
  })
})
