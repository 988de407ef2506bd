import { describe, expect, it } from 'vitest'
import { RefreshRejectedError } from '../../src'
import { madeStorage } from '../support/made-storage'
import { apiOrigin, startRecorded } from '../support/start-recorded'
import {
  type ClientOptions,
  outcome,
  type SessionOptions,
  startSession,
  type TestSession,
  wireTokens,
} from '../support/start-session'

const seconds = (n: number): number => n * 1000

/** A way for a session to end, its reason, and whether the login is to be shown. */
interface Way {
  readonly how: string
  readonly reason: string
  readonly shows: boolean
  readonly options?: SessionOptions
  act(session: TestSession): unknown
}
const refused: SessionOptions = { client: { refresh: undefined } }
const ways: Way[] = [
  { how: 'signOut()', reason: 'signOut', shows: false, act: ({ auth }) => auth.signOut() },
  {
    how: 'a refresh token that is rejected',
    reason: 'refreshRejected',
    shows: true,
    async act({ auth, server, clock }) {
      server.faults.token.always({ oauthError: 'invalid_grant' })
      clock.shiftWallClock(seconds(300))
      await outcome(auth.fetch('/x'))
    },
  },
  {
    how: 'a refused token with nothing to refresh',
    reason: 'tokenRefused',
    shows: true,
    options: refused,
    act({ auth, server }) {
      server.refuseAccessTokens()
      return auth.fetch('/x?code=secret#f')
    },
  },
  {
    how: 'a second refusal, where that is to end it',
    reason: 'tokenRefused',
    shows: true,
    options: { client: { signOutOnSecondRefusal: true } },
    act({ auth, server }) {
      server.faults.api.always({ refuse: true })
      return auth.fetch('/x?code=secret#f')
    },
  },
  {
    how: 'a storage that somebody cleared',
    reason: 'signedOutElsewhere',
    shows: true,
    options: { client: {} },
    act({ storage }: TestSession & { storage?: ReturnType<typeof madeStorage> }) {
      if (!storage) throw new Error('with a storage')
      storage.stored = undefined
      storage.notify()
    },
  },
  {
    how: 'another sign-in here',
    reason: 'replaced',
    shows: false,
    act: ({ auth, server }) => auth.signIn(server.signIn('other')),
  },
  {
    how: 'another sign-in elsewhere',
    reason: 'replaced',
    shows: false,
    act({ storage }: TestSession & { storage?: ReturnType<typeof madeStorage> }) {
      if (!storage) throw new Error('with a storage')
      storage.stored = { accessToken: crypto.randomUUID(), sessionId: crypto.randomUUID() }
      storage.notify()
    },
  },
]

async function startWay({ options = {} }: Way, client: ClientOptions = {}) {
  const storage = madeStorage()
  const session = await startSession({ ...options, client: { storage, ...options.client, ...client } })
  await session.clock.advance(0)
  return { ...session, storage }
}
const ends = (session: TestSession) => session.all('signedOut')
const shown = (session: TestSession) => session.all('unauthenticated')

describe.each(ways)('a session ended by $how', (way) => {
  it(`S3: says signedOut (${way.reason}) once, ${way.shows ? 'and' : 'but not'} unauthenticated`, async () => {
    const session = await startWay(way)
    await way.act(session)
    await session.clock.advance(seconds(10))
    expect(ends(session)).toEqual([expect.objectContaining({ reason: way.reason, epoch: 1 })])
    expect(shown(session)).toEqual(way.shows ? [expect.objectContaining({ reason: way.reason, epoch: 1 })] : [])
    const { said } = session
    if (way.shows) expect(said.indexOf('unauthenticated')).toBe(said.indexOf('signedOut') + 1)
    expect(session.auth.state.epoch).toBe(2)
    if (way.reason !== 'replaced') {
      expect(session.auth.state).toEqual({ status: 'signedOut', epoch: 2, reason: way.reason })
    }
  })

  it('S3: says so when its tokens are gone, everywhere', async () => {
    const session = await startWay(way)
    const old = session.auth.getTokens()
    const seen: unknown[] = []
    for (const name of ['signedOut', 'unauthenticated'] as const) {
      session.auth.on(name, () => seen.push(session.auth.getTokens()?.accessToken, session.storage.stored))
    }
    await way.act(session)
    await session.clock.advance(seconds(10))
    expect(seen.length).toBeGreaterThan(0)
    expect(seen).not.toContain(old?.accessToken)
    expect(seen).not.toContainEqual(old)
  })

  it('S3: a handler may sign out: no second event', async () => {
    const session = await startWay(way)
    const results: unknown[] = []
    for (const name of ['signedOut', 'unauthenticated'] as const) {
      session.auth.on(name, async () => {
        if (session.auth.state.status === 'signedOut') results.push(await session.auth.signOut())
      })
    }
    await way.act(session)
    await session.clock.advance(seconds(10))
    expect(ends(session)).toHaveLength(1)
    expect(shown(session)).toHaveLength(way.shows ? 1 : 0)
    for (const result of results) expect(result).toEqual({ revoked: false })
  })

  it('S3: a handler may sign in: no login to show then, no deadlock', async () => {
    const session = await startWay(way)
    const stop = session.auth.on('signedOut', () => {
      stop()
      return session.auth.signIn(session.server.signIn('again'))
    })
    await way.act(session)
    await session.clock.advance(seconds(10))
    expect(session.auth.state).toMatchObject({ status: 'signedIn' })
    expect(shown(session)).toEqual([])
    session.server.faults.api.clear()
    session.server.faults.token.clear()
    expect(await (await session.auth.fetch('/x')).json()).toMatchObject({ user: 'again' })
  })

  it('S3: another session can end again, and says so again', async () => {
    const session = await startWay(way)
    await way.act(session)
    await session.clock.advance(seconds(10))
    session.server.faults.api.clear()
    session.server.faults.token.clear()
    await session.auth.signIn(session.server.signIn())
    const before = [ends(session).length, shown(session).length]
    await session.clock.advance(seconds(10))
    await way.act(session)
    await session.clock.advance(seconds(10))
    expect([ends(session).length, shown(session).length]).toEqual([
      (before[0] ?? 0) + 1,
      (before[1] ?? 0) + (way.shows ? 1 : 0),
    ])
  })
})

describe('unauthenticated', () => {
  it.each(ways.slice(2, 4))('S3: names the URL of $how, without its query', async (way) => {
    const session = await startWay(way)
    await way.act(session)
    await session.clock.advance(0)
    expect(shown(session)).toEqual([expect.objectContaining({ url: `${session.baseUrl}/x` })])
  })

  it('S3: names the error of a refresh that was rejected', async () => {
    const way = ways[1] as Way
    const session = await startWay(way)
    await way.act(session)
    await session.clock.advance(0)
    expect(shown(session)).toEqual([
      expect.objectContaining({ error: expect.objectContaining({ code: 'AUTH_REFRESH_REJECTED' }) }),
    ])
  })

  it('S3: comes once between two sign-ins, however many requests are answered 401', async () => {
    const session = await startSession({ user: undefined })
    const { auth, server } = session
    await Promise.all(['/a', '/b', '/c'].map((path) => auth.fetch(path)))
    await auth.fetch('/d')
    expect(shown(session)).toEqual([expect.objectContaining({ reason: 'noSession', epoch: 0 })])
    await auth.signIn(server.signIn())
    await auth.signOut()
    await auth.fetch('/e')
    await auth.fetch('/f')
    expect(shown(session).map(({ reason }) => reason)).toEqual(['noSession', 'noSession'])
  })

  it('S3: is not said again by requests after a session that was rejected', async () => {
    const way = ways[1] as Way
    const session = await startWay(way)
    await way.act(session)
    await session.clock.advance(0)
    expect((await session.auth.fetch('/x')).status).toBe(401)
    expect(shown(session).map(({ reason }) => reason)).toEqual(['refreshRejected'])
  })

  it.each([
    ['rejected', 'refreshRejected', {}],
    ['refused', 'tokenRefused', { refresh: undefined }],
  ] as const)(
    'S3: is said by the session that was %s, not by a request that comes before it is cleared',
    async (_, reason, client) => {
      const storage = madeStorage()
      const { auth, server, clock, events } = await startSession({ client: { storage, ...client } })
      server.revokeUser('user')
      server.refuseAccessTokens()
      const held = storage.hold('replace')
      const refused = outcome(auth.fetch('/a'))
      await held.arrived()
      expect((await auth.fetch('/b')).status).toBe(401)
      held.release()
      await clock.advance(0)
      expect(refused.value?.status).toBe(401)
      const ends = events.filter(({ name }) => name === 'signedOut' || name === 'unauthenticated')
      expect(ends).toMatchObject([
        { name: 'signedOut', reason },
        { name: 'unauthenticated', reason },
      ])
    },
  )

  it('S3: is not said of a request without a session that is answered once somebody has signed in', async () => {
    const session = await startSession({ user: undefined })
    const gate = session.server.holdApiRequests()
    const request = session.auth.fetch('/x')
    await gate.arrived()
    await session.auth.signIn(session.server.signIn())
    gate.release()
    expect((await request).status).toBe(401)
    expect(shown(session)).toEqual([])
  })

  it('S3: is not said of requests that would have got no token', async () => {
    const session = await startRecorded({ tokens: undefined, answer: () => new Response(null, { status: 401 }) })
    await session.auth.fetch('https://other.example/')
    await session.auth.fetch(`${apiOrigin}/login`, { authenticate: false })
    expect(shown(session)).toEqual([])
  })

  it('S3: of several sessions that end in turn, each end is said in its order', async () => {
    const session = await startSession()
    const { auth, server } = session
    await auth.signIn(server.signIn('b'))
    await Promise.all([auth.signIn(server.signIn('c')), auth.signIn(server.signIn('d'))])
    await auth.signOut()
    expect(ends(session).map(({ reason, epoch }) => [reason, epoch])).toEqual([
      ['replaced', 1],
      ['replaced', 2],
      ['replaced', 3],
      ['signOut', 4],
    ])
    expect(auth.state).toEqual({ status: 'signedOut', epoch: 5, reason: 'signOut' })
  })

  it('S3: a storage that cannot be cleared hides no ending', async () => {
    const storage = madeStorage()
    const session = await startRecorded({
      client: { storage, refresh: undefined },
      answer: () => new Response(null, { status: 401 }),
    })
    await session.clock.advance(0)
    storage.fail('replace', 9)
    storage.fail('write', 9)
    await session.auth.fetch('/x')
    await session.clock.advance(0)
    expect(session.said.slice(-3)).toEqual(['storageError', 'signedOut', 'unauthenticated'])
    expect(session.auth.state.status).toBe('signedOut')
    await session.auth.fetch('/y')
    expect(session.sent.at(-1)?.request.headers.get('authorization')).toBeNull()
  })

  it('F9, S3: requests that wait for a refresh leave when their session ends, before its events', async () => {
    const session = await startSession()
    const { auth, server, clock } = session
    clock.shiftWallClock(seconds(300))
    const gate = server.holdTokenRequests()
    const waiting = outcome(auth.fetch('/x'))
    await gate.arrived()
    await auth.signOut()
    await clock.advance(0)
    expect(waiting.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(shown(session)).toEqual([])
    gate.release()
    await clock.advance(0)
    expect(auth.state.status).toBe('signedOut')
    expect(server.counts.api.requests).toBe(0)
  })
})

describe('the state', () => {
  it('S1: is one value, stable by reference, without tokens, which nobody can change', async () => {
    const { auth, server } = await startSession()
    const { state } = auth
    expect(state).toEqual({ status: 'signedIn', epoch: 1 })
    server.refuseAccessTokens()
    await auth.fetch('/x')
    await auth.setTokens(server.signIn())
    expect(auth.state).toBe(state)
    await auth.signOut()
    expect(auth.state).not.toBe(state)
    for (const frozen of [state, auth.state]) {
      expect(() => Object.assign(frozen, { epoch: 9 })).toThrow(TypeError)
    }
    const restoring = await startRecorded({ client: { storage: madeStorage() }, tokens: undefined })
    expect(() => Object.assign(restoring.auth.state, { status: 'signedIn' })).toThrow(TypeError)
  })

  it('S1: counts its epochs up, and uses none again', async () => {
    const { auth, server, clock } = await startSession({ user: undefined })
    const epochs: number[] = []
    auth.subscribe(() => epochs.push(auth.state.epoch))
    for (let round = 0; round < 3; round += 1) {
      await auth.signIn(server.signIn())
      await auth.signIn(server.signIn())
      await auth.signOut()
    }
    await clock.advance(0)
    expect(epochs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('S1: tells who subscribed, of changes alone, until they unsubscribe', async () => {
    const session = await startSession()
    const { auth, server } = session
    const seen: string[] = []
    const stop = auth.subscribe(() => seen.push(auth.state.status))
    server.refuseAccessTokens()
    await auth.fetch('/x')
    expect(seen).toEqual([])
    await auth.signOut()
    await auth.signOut()
    expect(seen).toEqual(['signedOut'])
    stop()
    stop()
    await auth.signIn(server.signIn())
    expect(seen).toEqual(['signedOut'])
  })

  it('Q5, S1: a listener that throws stops nobody', async () => {
    const { auth, errors } = await startSession()
    const seen: string[] = []
    auth.subscribe(() => {
      throw new Error('of a listener')
    })
    auth.subscribe(() => seen.push(auth.state.status))
    expect(await auth.signOut()).toEqual({ revoked: false })
    expect(seen).toEqual(['signedOut'])
    expect(errors).toEqual([new Error('of a listener')])
  })

  it('S1: on() calls back on its event until it is stopped; * on all, with their names', async () => {
    const { auth, server } = await startSession()
    const seen: unknown[] = []
    const stop = auth.on('signedOut', ({ reason, epoch }) => seen.push([reason, epoch]))
    auth.on('*', (name) => seen.push(name))
    await auth.signOut()
    stop()
    await auth.signIn(server.signIn())
    await auth.signOut()
    expect(seen).toEqual([['signOut', 1], 'signedOut', 'signedIn', 'signedOut'])
  })

  it('S1: an event is the same for all, and nobody can change it', async () => {
    const { auth } = await startSession()
    const seen: unknown[] = []
    auth.on('signedOut', (event) => seen.push(event))
    auth.on('*', (_, event) => seen.push(event))
    await auth.signOut()
    expect(seen[0]).toBe(seen[1])
    expect(Object.isFrozen(seen[0])).toBe(true)
  })

  it('S1: a signed-in session begins with an event', async () => {
    const { events, clock } = await startRecorded({ tokens: wireTokens(1) })
    expect(events).toEqual([{ name: 'signedIn', source: 'signIn', at: clock.now(), epoch: 1 }])
  })
})

describe('who was refused when the session ends gets its own 401', () => {
  const storages = [
    ['memory', undefined],
    ['one that takes its time', () => madeStorage()],
  ] as const

  it.each(storages)(
    'F6, S3: once everybody was told that the refresh was rejected; storage: %s',
    async (_, storage) => {
      const { auth, server, said } = await startSession({ client: storage && { storage: storage() } })
      server.revokeUser('user')
      server.refuseAccessTokens()
      said.length = 0
      const told: string[][] = []
      const answered = ({ status }: Response): void => void told.push([String(status), ...said])
      await Promise.all([auth.fetch('/a').then(answered), auth.fetch('/b').then(answered)])
      expect(told).toEqual(
        Array(2).fill([
          '401',
          'tokenRefused',
          'refreshStarted',
          'tokenRefused',
          'refreshFailed',
          'signedOut',
          'unauthenticated',
        ]),
      )
      expect(server.counts.api.requests).toBe(2)
    },
  )

  it.each(storages)('F6, S3: and so does who was never sent; storage: %s', async (_, storage) => {
    const { auth, server, said, clock } = await startSession({ client: storage && { storage: storage() } })
    server.revokeUser('user')
    clock.shiftWallClock(seconds(300))
    said.length = 0
    const error: unknown = await auth.fetch('/a').catch((reason) => reason)
    expect([...said]).toEqual(['refreshStarted', 'refreshFailed', 'signedOut', 'unauthenticated'])
    expect(error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
  })

  it.each(storages)('S3, S5: once everybody was told that nothing can refresh; storage: %s', async (_, storage) => {
    const { auth, server, said } = await startSession({ client: { refresh: undefined, storage: storage?.() } })
    server.refuseAccessTokens()
    const { status } = await auth.fetch('/a')
    expect([status, ...said]).toEqual([401, 'signedIn', 'tokenRefused', 'signedOut', 'unauthenticated'])
  })

  it('F2, Q2: also where the storage hangs, in time, or when it goes away', async () => {
    for (const refresh of [undefined, () => Promise.reject(new RefreshRejectedError('over'))]) {
      const storage = madeStorage()
      const { auth, server, clock } = await startSession({ client: { storage, refresh } })
      server.refuseAccessTokens()
      storage.hold('replace')
      const abort = new AbortController()
      const [leaving, staying] = [auth.fetch('/a', { signal: abort.signal }), auth.fetch('/b')].map((it) => outcome(it))
      await clock.advance(seconds(1))
      expect(auth.state.status).toBe('signedOut')
      abort.abort()
      await clock.advance(0)
      expect(leaving?.error).toBe(abort.signal.reason)
      await clock.advance(seconds(9))
      expect(staying?.value?.status).toBe(401)
    }
  })
})
