import { describe, expect, it, vi } from 'vitest'
import type { AuthClient } from '../../src'
import { fakeClock } from '../../src/testing'
import { runScript } from '../support/run-script'
import { outcome, refreshByForm, startSession, type TestSession } from '../support/start-session'

const seconds = (n: number): number => n * 1000

describe('requests that come while a refresh is under way', () => {
  const unusable: [string, (session: TestSession) => void][] = [
    ['expired', ({ clock }) => clock.shiftWallClock(seconds(300))],
    ['refused', ({ server }) => server.refuseAccessTokens()],
  ]
  it.each(unusable)('Q1: wait where the token is %s, and none goes out with it', async (_, spoil) => {
    const session = await startSession()
    const { auth, server, clock } = session
    spoil(session)
    const gate = server.holdTokenRequests()
    const first = auth.fetch('/first')
    await gate.arrived()
    const sentBefore = server.counts.api.requests
    const later = [auth.fetch('/a'), auth.fetch('/b', { method: 'POST', body: 'b' }), auth.getAccessToken()]
    await clock.advance(seconds(5))
    expect(server.counts.api.requests).toBe(sentBefore)
    const shown: unknown[] = []
    server.onExchange(({ route, shown: label }) => route === 'api' && shown.push(label))
    gate.release()
    await Promise.all([first, ...later])
    expect(shown).toEqual(Array(3).fill('access 2 of family 1'))
    expect(server.counts.tokenRequests).toBe(1)
  })

  it('Q1: wait where the token is missing', async () => {
    const { auth, server, clock } = await startSession({
      user: undefined,
      client: {
        refreshWithoutToken: true,
        refresh: ({ fetch }) => fetch('/token', { method: 'POST', body: new URLSearchParams(body) }),
      },
    })
    const body = { grant_type: 'refresh_token', refresh_token: server.signIn().refresh_token ?? '' }
    const gate = server.holdTokenRequests()
    const requests = [auth.fetch('/a'), auth.fetch('/b')]
    await clock.advance(seconds(5))
    expect(server.counts.api.requests).toBe(0)
    gate.release()
    expect((await Promise.all(requests)).map(({ status }) => status)).toEqual([200, 200])
    expect(server.counts.tokenRequests).toBe(1)
  })

  it('Q1: do not wait for a background refresh', async () => {
    const { auth, server, clock } = await startSession()
    clock.shiftWallClock(seconds(250))
    const gate = server.holdTokenRequests()
    const requests = [auth.fetch('/a'), auth.fetch('/b')]
    await gate.arrived()
    requests.push(auth.fetch('/c'))
    expect((await Promise.all(requests)).map(({ status }) => status)).toEqual([200, 200, 200])
    expect(server.counts.tokenRequests).toBe(1)
    gate.release()
  })

  it('Q1: wait for a background refresh from the moment its token is refused', async () => {
    const { auth, server, clock } = await startSession()
    clock.shiftWallClock(seconds(250))
    const gate = server.holdTokenRequests()
    await auth.fetch('/a')
    await gate.arrived()
    server.refuseAccessTokens()
    const refused = outcome(auth.fetch('/b'))
    await clock.advance(0)
    const sentBefore = server.counts.api.requests
    const later = outcome(auth.fetch('/c'))
    await clock.advance(0)
    expect(server.counts.api.requests).toBe(sentBefore)
    gate.release()
    await clock.advance(0)
    expect([refused.value?.status, later.value?.status]).toEqual([200, 200])
    expect(server.counts.tokenRequests).toBe(1)
  })

  it('Q1: wait for a background refresh from the moment its token has run out', async () => {
    const { auth, server, clock } = await startSession()
    clock.shiftWallClock(seconds(250))
    const gate = server.holdTokenRequests()
    await auth.fetch('/a')
    clock.shiftWallClock(seconds(50))
    const later = outcome(auth.fetch('/b'))
    await clock.advance(0)
    expect(later.pending).toBe(true)
    gate.release()
    await clock.advance(0)
    expect(later.value?.status).toBe(200)
    expect(server.counts).toMatchObject({ tokenRequests: 1, api: { requests: 2, refused: 0 } })
  })
})

describe('a waiter that gives up', () => {
  /** A session whose refresh is held, and one request besides that waits for it. */
  async function withWaiter(spoil: (session: TestSession) => void, client = {}) {
    const session = await startSession({ client })
    spoil(session)
    const gate = session.server.holdTokenRequests()
    const other = outcome(session.auth.fetch('/other'))
    await gate.arrived()
    return { ...session, gate, other, sentBefore: session.server.counts.api.requests }
  }
  const expired = ({ clock }: TestSession) => clock.shiftWallClock(seconds(300))
  const refused = ({ server }: TestSession) => server.refuseAccessTokens()

  it.each([
    ['an expired token', expired],
    ['a refused token', refused],
  ])('Q2: rejects at once with the reason of its signal, is never sent, and nobody notices: %s', async (_, spoil) => {
    const { auth, server, clock, gate, other, sentBefore } = await withWaiter(spoil)
    const abort = new AbortController()
    const request = outcome(auth.fetch('/given-up', { signal: abort.signal }))
    await clock.advance(0)
    const reason = new Error('the user went elsewhere')
    abort.abort(reason)
    await clock.advance(0)
    expect(request.error).toBe(reason)
    expect(other.pending).toBe(true)
    gate.release()
    await clock.advance(0)
    expect(other.value?.status).toBe(200)
    expect(server.counts.refreshes).toBe(1)
    expect(server.counts.api.requests).toBe(sentBefore + 1)
  })

  it('Q2: rejects though it was refused itself, and is not resent', async () => {
    const { auth, server, clock } = await startSession()
    server.refuseAccessTokens()
    const gate = server.holdTokenRequests()
    const abort = new AbortController()
    const request = outcome(auth.fetch('/things', { signal: abort.signal }))
    await gate.arrived()
    abort.abort()
    await clock.advance(0)
    expect(request.error).toMatchObject({ name: 'AbortError' })
    gate.release()
    await clock.advance(0)
    expect(server.counts).toMatchObject({ refreshes: 1, api: { requests: 1 } })
  })

  it("Q2: rejects as fetch does when AbortSignal.timeout or a Request's own signal fires", async () => {
    const { auth, clock, gate } = await withWaiter(expired)
    const timedOut = auth.fetch('/timeout', { signal: AbortSignal.timeout(1) })
    await expect(timedOut).rejects.toMatchObject({ name: 'TimeoutError' })
    const abort = new AbortController()
    const aborted = outcome(auth.fetch(new Request('https://server.example/request', { signal: abort.signal })))
    await clock.advance(0)
    abort.abort()
    await clock.advance(0)
    expect(aborted.error).toMatchObject({ name: 'AbortError' })
    gate.release()
  })

  const waits: [string, (auth: AuthClient, signal: AbortSignal) => Promise<unknown>][] = [
    ['getAccessToken', (auth, signal) => auth.getAccessToken({ signal })],
    ['a forced getAccessToken', (auth, signal) => auth.getAccessToken({ signal, forceRefresh: true })],
    ['fetch', (auth, signal) => auth.fetch('/things', { signal })],
  ]
  it.each(waits)('Q2: %s rejects at once when its signal fires', async (_, wait) => {
    const { auth, clock, gate, other } = await withWaiter(expired)
    const abort = new AbortController()
    const waiter = outcome(wait(auth, abort.signal))
    await clock.advance(0)
    abort.abort()
    await clock.advance(0)
    expect(waiter.error).toBe(abort.signal.reason)
    gate.release()
    await clock.advance(0)
    expect(other.value?.status).toBe(200)
  })

  it.each(waits)('Q2: %s starts no refresh when its signal has fired already', async (_, wait) => {
    const { auth, server, clock, said } = await startSession()
    clock.shiftWallClock(seconds(300))
    const signal = AbortSignal.abort()
    await expect(wait(auth, signal)).rejects.toBe(signal.reason)
    await clock.advance(0)
    expect(said).not.toContain('refreshStarted')
    expect(server.counts).toMatchObject({ tokenRequests: 0, api: { requests: 0 } })
  })

  it('Q2: a signal that many requests share gets one listener, which goes when they leave', async () => {
    const { auth, clock, gate } = await withWaiter(expired)
    const [abort, patient] = [new AbortController(), new AbortController()]
    const listen = vi.spyOn(abort.signal, 'addEventListener')
    const leave = vi.spyOn(patient.signal, 'removeEventListener')
    const requests = Array.from({ length: 20 }, () => outcome(auth.fetch('/given-up', { signal: abort.signal })))
    const others = Array.from({ length: 20 }, () => outcome(auth.getAccessToken({ signal: patient.signal })))
    await clock.advance(0)
    expect(listen).toHaveBeenCalledTimes(1)
    abort.abort()
    await clock.advance(0)
    expect(new Set(requests.map(({ error }) => error))).toEqual(new Set([abort.signal.reason]))
    expect(others.every(({ pending }) => pending)).toBe(true)
    gate.release()
    await clock.advance(0)
    expect(others.some(({ pending }) => pending)).toBe(false)
    expect(leave).toHaveBeenCalledTimes(1)
  })

  it('Q2: ready rejects at once when its signal fires, and when it has fired', async () => {
    const { auth, clock } = await startSession({
      user: undefined,
      client: { storage: { read: () => new Promise(() => {}), write() {} } },
    })
    const abort = new AbortController()
    const ready = outcome(auth.ready({ signal: abort.signal }))
    await clock.advance(0)
    expect(ready.pending).toBe(true)
    abort.abort()
    await clock.advance(0)
    expect(ready.error).toBe(abort.signal.reason)
    await expect(auth.ready({ signal: abort.signal })).rejects.toBe(abort.signal.reason)
  })

  it("Q2: the refresh never gets a waiter's signal, not even that of the request that started it", async () => {
    const signals: AbortSignal[] = []
    const { auth, server, clock } = await startSession({
      client: {
        refresh: (context) => {
          signals.push(context.signal)
          return refreshByForm(context)
        },
      },
    })
    clock.shiftWallClock(seconds(300))
    const gate = server.holdTokenRequests()
    const abort = new AbortController()
    const starter = outcome(auth.fetch('/starter', { signal: abort.signal }))
    await gate.arrived()
    const other = outcome(auth.fetch('/other'))
    abort.abort()
    await clock.advance(0)
    expect(starter.error).toBe(abort.signal.reason)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    gate.release()
    await clock.advance(0)
    expect(other.value?.status).toBe(200)
    expect(server.counts).toMatchObject({ tokenRequests: 1, api: { requests: 1 } })
  })
})

describe('when the refresh is over', () => {
  /** A session with a held refresh, whose requests are noted as they are sent: 401 to the first access token, else 200. */
  async function withHeldRefresh() {
    let open = (): void => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    const sent: string[] = []
    const onSend: (() => void)[] = []
    const clock = fakeClock()
    const setTimer = vi.spyOn(clock, 'after')
    const session = await startSession({
      user: undefined,
      server: { clock },
      client: {
        clock,
        refresh: () => opened.then(() => ({ accessToken: 'second', expiresIn: 300 })),
        fetch: async (input, init) => {
          const isFirst = new Headers(init?.headers).get('authorization') === 'Bearer first'
          if (isFirst) return new Response(null, { status: 401 })
          sent.push(new URL(String(input)).pathname)
          for (const listener of onSend) listener()
          return new Response()
        },
      },
    })
    await session.auth.signIn({ accessToken: 'first', refreshToken: 'r', expiresIn: 300 })
    return { ...session, clock, setTimer, sent, onSend, open }
  }

  it('Q3: 10 000 waiters go out in the order they came, in one turn, with one timer', async () => {
    const { auth, clock, setTimer, sent, onSend, open } = await withHeldRefresh()
    clock.shiftWallClock(seconds(300))
    let turns = 0
    let last = 0
    onSend.push(() => {
      if (sent.length === 1) setImmediate(() => (turns += 1))
      last = turns
    })
    const paths = Array.from({ length: 10_000 }, (_, n) => `/${n}`)
    const requests = paths.map((path) => auth.fetch(path))
    await clock.advance(0)
    expect(sent).toEqual([])
    // the exchange's, the lock's, the storage's, and one for all waiters
    expect(setTimer.mock.calls.length).toBeLessThan(6)
    open()
    await Promise.all(requests)
    expect(sent).toEqual(paths)
    expect(last).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('Q3: those that were refused and those that were never sent go out in the order they came', async () => {
    const { auth, clock, sent, open } = await withHeldRefresh()
    const requests = [auth.fetch('/refused-1'), auth.fetch('/refused-2')]
    await clock.advance(0)
    requests.push(auth.fetch('/new-1'))
    await clock.advance(0)
    requests.push(auth.fetch('/new-2'))
    await clock.advance(0)
    open()
    await Promise.all(requests)
    expect(sent).toEqual(['/refused-1', '/refused-2', '/new-1', '/new-2'])
  })

  it('Q3: 10 000 waiters that give up, last first, leave nothing behind', async () => {
    const { auth, clock, sent, open } = await withHeldRefresh()
    clock.shiftWallClock(seconds(300))
    const aborts = Array.from({ length: 10_000 }, () => new AbortController())
    const requests = aborts.map(({ signal }) => auth.fetch('/given-up', { signal }).catch(() => 'gave up'))
    const patient = auth.fetch('/patient')
    await clock.advance(0)
    for (const abort of aborts.reverse()) abort.abort()
    expect(new Set(await Promise.all(requests))).toEqual(new Set(['gave up']))
    open()
    await patient
    expect(sent).toEqual(['/patient'])
    expect(clock.pending).toBe(0)
  })
})

describe('a refresher that sends requests', () => {
  it('Q4: has a fetch that bypasses the client', async () => {
    const own: (string | null)[] = []
    const { auth, server, clock } = await startSession({
      server: { api: (request) => Response.json({ authorization: request.headers.get('authorization') }) },
      client: {
        refresh: async (context) => {
          const response = await context.fetch('/who')
          own.push(`${response.status}`)
          return refreshByForm(context)
        },
      },
    })
    clock.shiftWallClock(seconds(300))
    expect((await auth.fetch('/things')).status).toBe(200)
    // no token: refused as anybody else is, and no second refresh because of it
    expect(own).toEqual(['401'])
    expect(server.counts.tokenRequests).toBe(1)
  })

  /** A session whose refresher sends its request through the client, after `before`. */
  async function throughClient(before: (() => Promise<void>) | undefined) {
    const authorizations: (string | null)[] = []
    const session: TestSession = await startSession({
      client: {
        refresh: before
          ? async ({ refreshToken }) => {
              await before()
              return send(refreshToken)
            }
          : ({ refreshToken }) => send(refreshToken),
        fetch: (input, init) => {
          const request = new Request(input, init)
          if (request.url.endsWith('/token')) authorizations.push(request.headers.get('authorization'))
          return session.server.fetch(request)
        },
      },
    })
    const send = (refreshToken: string): Promise<Response> =>
      session.auth.fetch('/token', {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
      })
    return { ...session, authorizations }
  }

  it.each([
    ['expired', ({ clock }: TestSession) => clock.shiftWallClock(seconds(300))],
    ['refused', ({ server }: TestSession) => server.refuseAccessTokens()],
    ['expiring', ({ clock }: TestSession) => clock.shiftWallClock(seconds(250))],
  ])('Q4: through the client itself, in the very call: it goes out untouched (%s)', async (_, spoil) => {
    const session = await throughClient(undefined)
    spoil(session)
    expect((await session.auth.fetch('/things')).status).toBe(200)
    await session.clock.advance(0)
    expect(session.authorizations).toEqual([null])
    expect(session.server.counts.refreshes).toBe(1)
  })

  it('Q4: through the client itself, after an await: the deadline ends it with an error that names the cause', async () => {
    const { auth, server, clock } = await throughClient(async () => {})
    clock.shiftWallClock(seconds(300))
    const request = outcome(auth.fetch('/things'))
    await clock.advance(seconds(9.999))
    expect(request.pending).toBe(true)
    await clock.advance(1)
    expect(request.error).toMatchObject({
      code: 'AUTH_REFRESH_UNAVAILABLE',
      message: expect.stringMatching(/through this client.*`fetch` of its context.*authenticate: false/s),
    })
    expect(server.counts.tokenRequests).toBe(0)
  })

  it('Q4: nothing of other requests is mistaken for the refresher', async () => {
    const { auth, clock, authorizations } = await throughClient(async () => {
      await clock.advance(0)
    })
    clock.shiftWallClock(seconds(250))
    await auth.fetch('/things')
    await clock.advance(0)
    // the background refresh disturbs nobody: its own request went out with the token that is still valid
    expect(authorizations).toEqual([expect.stringContaining('Bearer ')])
  })
})

describe('what user code throws', () => {
  const failure = new Error('the handler failed')
  const throwing: [string, () => unknown][] = [
    [
      'at once',
      () => {
        throw failure
      },
    ],
    [
      'later',
      async () => {
        throw failure
      },
    ],
    [
      'later, by a promise of another kind',
      // biome-ignore lint/suspicious/noThenProperty: what is tested
      () => ({ then: (_: unknown, reject: (reason: unknown) => void) => reject(failure) }),
    ],
  ]
  it.each(throwing)('Q5: %s in a handler goes to onError and stops nobody', async (_, handler) => {
    const { auth, server, clock, errors } = await startSession()
    const told: string[] = []
    auth.on('refreshed', handler)
    auth.on('*', handler)
    auth.on('refreshed', () => void told.push('handler'))
    server.expireAccessTokens()
    expect((await auth.fetch('/things')).status).toBe(200)
    await clock.advance(0)
    expect(told).toEqual(['handler'])
    // refreshed once to its own, and each event to '*'
    expect(errors.length).toBeGreaterThan(1)
    expect(new Set(errors)).toEqual(new Set([failure]))
  })

  it.each(throwing)('Q5: %s in a listener goes to onError and stops nobody', async (_, listener) => {
    const { auth, clock, errors } = await startSession()
    const told: string[] = []
    auth.subscribe(listener as () => void)
    auth.subscribe(() => void told.push(auth.state.status))
    await auth.signOut()
    await clock.advance(0)
    expect(told).toEqual(['signedOut'])
    expect(errors).toEqual([failure])
  })

  it.each([
    [
      'authenticate',
      {
        authenticate: () => {
          throw failure
        },
      },
    ],
    [
      'isTokenRefused, at once',
      {
        isTokenRefused: () => {
          throw failure
        },
      },
    ],
    [
      'isTokenRefused, later',
      {
        isTokenRefused: async () => {
          throw failure
        },
      },
    ],
    [
      'allowedOrigins',
      {
        allowedOrigins: () => {
          throw failure
        },
        baseUrl: undefined,
      },
    ],
  ])('Q5: in %s goes to onError, and the request goes on', async (_, client) => {
    const { auth, errors } = await startSession({ client })
    await auth.fetch('https://server.example/things')
    expect(errors).toContain(failure)
  })

  it('Q5: what onError itself throws is swallowed', async () => {
    const { auth } = await startSession({
      client: {
        onError: () => {
          throw new Error('worse')
        },
      },
    })
    auth.on('signedOut', () => {
      throw failure
    })
    await expect(auth.signOut()).resolves.toEqual({ revoked: false })
  })

  it('Q5: without onError it goes to reportError, or to console.error where there is none', async () => {
    const failingHandler = async () => {
      const { auth } = await startSession({ client: { onError: undefined } })
      auth.on('signedOut', () => {
        throw failure
      })
      await auth.signOut()
    }
    const reportError = vi.fn()
    const consoleError = vi.spyOn(console, 'error').mockImplementation(() => {})
    vi.stubGlobal('reportError', reportError)
    await failingHandler()
    expect([reportError.mock.calls, consoleError.mock.calls]).toEqual([[[failure]], []])
    vi.stubGlobal('reportError', undefined)
    await failingHandler()
    expect(consoleError.mock.calls).toEqual([[failure]])
  })

  it('Q5: nothing rejects unhandled, whatever fails beside a request', async () => {
    const { code, stdout, stderr } = await runScript(`
      import { createAuthClient } from '../../src'
      import { fakeAuthorizationServer } from '../../src/testing'
      const server = fakeAuthorizationServer()
      let broken = true
      const fail = async () => { if (broken) throw new Error('broken') }
      const auth = createAuthClient({
        baseUrl: 'https://server.example', fetch: server.fetch, refreshRetries: 0, refreshTimeoutMs: 50,
        refresh: () => new Promise((_, reject) => setTimeout(reject, 80, new Error('too late'))),
        revoke: fail, endSessionUrl: fail, keepFresh: true,
        storage: { read: fail, write: fail, replace: fail, lock: async () => ({ release: fail }) },
        onError() {},
      })
      auth.on('*', fail)
      auth.subscribe(fail)
      await auth.signIn({ ...server.signIn(), expires_in: 0 }).catch(() => {})
      const results = [auth.fetch('/things'), auth.getAccessToken({ forceRefresh: true }), auth.ready()]
      console.log((await Promise.allSettled(results)).length)
      await auth.signOut()
      await new Promise((go) => setTimeout(go, 100))
      console.log('done')`)
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '3\ndone\n', stderr: '' })
  })

  it('Q5: nor does an onError that fails itself', async () => {
    const { code, stdout, stderr } = await runScript(`
      import { createAuthClient } from '../../src'
      const fail = async () => { throw new Error('broken') }
      const auth = createAuthClient({ baseUrl: 'https://server.example', onError: fail, revoke: fail })
      auth.on('*', fail)
      await auth.signIn({ accessToken: 'a' })
      console.log((await auth.signOut()).revoked)`)
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'false\n', stderr: '' })
  })

  it('Q5, Q6: nor does a predicate that answers with a promise: it counts as left out, or as not allowed', async () => {
    const { code, stdout, stderr } = await runScript(`
      import { createAuthClient } from '../../src'
      const errors = []
      const fail = (text) => async () => { throw new Error(text) }
      const sent = []
      const fetch = async (url, init) => {
        sent.push(new Headers(init?.headers).has('authorization'))
        return new Response()
      }
      const auth = createAuthClient({
        baseUrl: 'https://server.example', fetch, onError: ({ code, message }) => errors.push(code ?? message),
        authenticate: fail('authenticate'), allowedOrigins: fail('allowedOrigins'),
      })
      await auth.signIn({ accessToken: 'a' })
      await auth.fetch('/x')
      await auth.fetch('https://other.example/x', { authenticate: true })
      console.log(JSON.stringify([sent, errors]))`)
    const errors = ['AUTH_CONFIGURATION', 'authenticate', 'allowedOrigins']
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${JSON.stringify([[true, false], errors])}\n`,
      stderr: '',
    })
  })
})
