import { describe, expect, it } from 'vitest'
import { memoryStorage, type TokenSet } from '../../src'
import { unsecuredJwt } from '../../src/testing/authorization-server/unsecured-jwt'
import { madeStorage } from '../support/made-storage'
import { authorizations, startRecorded } from '../support/start-recorded'
import { outcome, startSession, wireTokens } from '../support/start-session'

const ours = (n: number): string => `Bearer access-${n}`
const seconds = (n: number): number => n * 1000

describe('two clients of one storage', () => {
  async function startTwo() {
    const storage = memoryStorage()
    const first = await startSession({ client: { storage } })
    return { storage, first, second: first.client({ storage }) }
  }

  it('H4: share the session from the start', async () => {
    const { first, second } = await startTwo()
    expect(second.auth.getTokens()).toEqual(first.auth.getTokens())
    expect((await second.auth.fetch('/x')).status).toBe(200)
  })

  it('H4, S3: a sign-out reaches the other at once', async () => {
    const { first, second } = await startTwo()
    const signedOut = first.auth.signOut()
    expect(second.auth.state).toEqual({ status: 'signedOut', epoch: 2, reason: 'signedOutElsewhere' })
    await signedOut
    expect(second.auth.getTokens()).toBeUndefined()
    expect(second.said).toEqual(['signedOut', 'unauthenticated'])
    expect(second.all('unauthenticated')).toEqual([expect.objectContaining({ reason: 'signedOutElsewhere', epoch: 1 })])
    expect(first.said).toEqual(['signedIn', 'signedOut'])
  })

  it('H4, S3: another user’s sign-in replaces the session of the other, without a login to show', async () => {
    const { first, second } = await startTwo()
    await first.auth.signIn(first.server.signIn('other'))
    expect(second.auth.state).toEqual({ status: 'signedIn', epoch: 2 })
    expect(await (await second.auth.fetch('/x')).json()).toMatchObject({ user: 'other' })
    expect(second.events.map(({ name, epoch }) => [name, epoch])).toEqual([
      ['signedOut', 1],
      ['signedIn', 2],
    ])
    expect(second.all('signedOut')).toEqual([expect.objectContaining({ reason: 'replaced' })])
    expect(second.all('signedIn')).toEqual([expect.objectContaining({ source: 'storage' })])
  })

  it('H4: a sign-in reaches one that was signed out', async () => {
    const { first, second } = await startTwo()
    await first.auth.signOut()
    await first.auth.signIn(first.server.signIn())
    expect(second.auth.state.status).toBe('signedIn')
    expect((await second.auth.fetch('/x')).status).toBe(200)
  })

  it('H4: a refresh of one is used by the other, in the same session', async () => {
    const { first, second } = await startTwo()
    first.server.refuseAccessTokens()
    await first.auth.fetch('/x')
    expect((await second.auth.fetch('/y')).status).toBe(200)
    expect(first.server.counts).toMatchObject({ refreshes: 1, api: { refused: 1 } })
    expect(second.auth.state.epoch).toBe(1)
    expect(second.all('refreshed')).toEqual([expect.objectContaining({ source: 'storage' })])
  })

  it('H4: setTokens in both, however many turns apart, ends with the same tokens in both', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const { first, second, storage } = await startTwo()
      const set = [first.auth.setTokens({ accessToken: 'of-first' })]
      for (let turn = 0; turn < turns; turn += 1) await null
      set.push(second.auth.setTokens({ accessToken: 'of-second' }))
      await Promise.all(set)
      await first.clock.advance(0)
      const { accessToken } = storage.read() as TokenSet
      expect([first, second].map(({ auth }) => auth.getTokens()?.accessToken)).toEqual([accessToken, accessToken])
    }
  })

  it('H4: the session id is random, and kept by refreshes and setTokens', async () => {
    const { first, storage } = await startTwo()
    const idOf = (): unknown => (storage.read() as TokenSet).sessionId
    const ids = [idOf()]
    expect(ids[0]).toMatch(/^[\da-f]{32}$/)
    await first.auth.getAccessToken({ forceRefresh: true })
    await first.auth.setTokens({ ...first.server.signIn(), sessionId: 'of the app' } as never)
    expect(idOf()).toBe(ids[0])
    for (let n = 0; n < 3; n += 1) {
      await first.auth.signIn({ ...first.server.signIn(), sessionId: 'of the app' } as never)
      ids.push(idOf())
    }
    expect(new Set(ids).size).toBe(4)
    expect(ids).not.toContain('of the app')
  })
})

describe('after a change notice', () => {
  async function startNotified(sync = false) {
    const storage = madeStorage({ sync })
    const session = await startRecorded({ client: { storage } })
    const here = session.auth.getTokens() as TokenSet
    // the reading after its own sign-in
    await session.clock.advance(0)
    return { ...session, storage, here }
  }
  const refreshed = (here: TokenSet): TokenSet => ({ ...here, accessToken: 'access-2', refreshToken: 'refresh-2' })

  it('H4: requests wait until the storage has been read', async () => {
    const session = await startNotified()
    const { auth, storage, clock, here } = session
    const held = storage.hold('read')
    storage.stored = refreshed(here)
    storage.notify()
    const request = outcome(auth.fetch('/x'))
    await clock.advance(seconds(5))
    expect(session.sent).toEqual([])
    held.release()
    await clock.advance(0)
    expect(request.value?.status).toBe(200)
    expect(authorizations(session)).toEqual([ours(2)])
  })

  it('H4: a synchronous reading costs them nothing', async () => {
    const session = await startNotified(true)
    const { auth, storage, here } = session
    storage.stored = refreshed(here)
    storage.notify()
    const sent = auth.authorize({ url: `${auth.baseUrl}/x`, method: 'GET', header: () => undefined, resendable: true })
    expect(sent).toMatchObject({ headers: [['authorization', ours(2)]] })
  })

  it('H4: a second notice during the reading is read too', async () => {
    const session = await startNotified()
    const { auth, storage, here, clock } = session
    const held = storage.hold('read')
    storage.notify()
    await held.arrived()
    storage.notify()
    const request = outcome(auth.fetch('/x'))
    held.release()
    storage.stored = refreshed(here)
    await clock.advance(0)
    expect(request.value?.status).toBe(200)
    expect(authorizations(session)).toEqual([ours(2)])
  })

  it('H4: any number of notices are read twice at most: what is under way, and what they all tell of', async () => {
    const session = await startNotified()
    const { auth, storage, here, clock } = session
    storage.calls.length = 0
    const held = storage.hold('read')
    for (let notice = 0; notice < 400; notice += 1) storage.notify()
    storage.stored = refreshed(here)
    const request = outcome(auth.fetch('/x'))
    held.release()
    await clock.advance(0)
    expect(storage.calls).toEqual(['read', 'read'])
    expect(request.value?.status).toBe(200)
    expect(authorizations(session)).toEqual([ours(2)])
  })

  it('H4, F9: what the app says meanwhile counts, and a notice after it is read', async () => {
    const session = await startNotified()
    const { auth, storage, clock } = session
    const held = storage.hold('read')
    storage.notify()
    await held.arrived()
    storage.notify()
    const signedIn = auth.signIn(wireTokens(5))
    expect((await auth.fetch('/x')).status).toBe(200)
    storage.notify()
    const request = outcome(auth.fetch('/y'))
    await clock.advance(0)
    expect(request.pending).toBe(true)
    held.release()
    await clock.advance(0)
    await signedIn
    expect(request.value?.status).toBe(200)
    expect(authorizations(session)).toEqual([ours(5), ours(5)])
  })

  it.each([1, 2])('F9: who waits for a reading leaves when the app speaks, after %i notices', async (notices) => {
    const session = await startNotified()
    const { auth, storage, clock } = session
    const held = storage.hold('read')
    storage.notify()
    await held.arrived()
    const request = outcome(auth.fetch('/x'))
    await clock.advance(0)
    for (let notice = 1; notice < notices; notice += 1) storage.notify()
    const signedIn = auth.signIn(wireTokens(5))
    await clock.advance(0)
    expect(request.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    held.release()
    await signedIn
  })

  it('H4: a notice before the app spoke is read, where the reading that was under way has failed', async () => {
    const { auth, storage, here, clock } = await startNotified()
    const held = storage.hold('read')
    storage.fail('read')
    storage.notify()
    await held.arrived()
    storage.stored = { ...here, accessToken: 'access-7', sessionId: 'of another user' }
    storage.notify()
    const signedOut = auth.signOut()
    await clock.advance(0)
    held.release()
    await signedOut
    await clock.advance(0)
    expect([auth.state.status, auth.getTokens()?.accessToken]).toEqual(['signedIn', 'access-7'])
  })

  it('F3: tokens that others have replaced by newer ones, which were adopted, are not adopted again', async () => {
    const session = await startNotified()
    const { auth, storage, here, clock } = session
    for (const n of [2, 3]) {
      storage.stored = { ...here, accessToken: `access-${n}`, refreshToken: `refresh-${n}` }
      storage.notify()
      await clock.advance(0)
    }
    for (const old of [refreshed(here), here]) {
      storage.stored = old
      storage.notify()
      await auth.fetch('/x')
    }
    expect(authorizations(session)).toEqual([ours(3), ours(3)])
  })

  it('H4, F9: of a sign-out, a request that waits is not sent', async () => {
    const session = await startNotified()
    const held = session.storage.hold('read')
    session.storage.stored = undefined
    session.storage.notify()
    const request = session.auth.fetch('/x')
    held.release()
    await expect(request).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(session.sent).toEqual([])
    expect(session.all('unauthenticated')).toEqual([expect.objectContaining({ reason: 'signedOutElsewhere' })])
  })

  it('H4, F9: of another user, a request that waits is not sent with either token', async () => {
    const session = await startNotified()
    const held = session.storage.hold('read')
    session.storage.stored = { accessToken: 'access-9', sessionId: 'another' }
    session.storage.notify()
    const request = session.auth.fetch('/x')
    held.release()
    await expect(request).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(session.sent).toEqual([])
    await session.auth.fetch('/y')
    expect(authorizations(session)).toEqual([ours(9)])
  })

  it('H4: of another user, a request waits for it also where the session ends here meanwhile', async () => {
    const storage = madeStorage()
    let refuse = (): void => {}
    const refused = new Promise<Response>((resolve) => {
      refuse = () => resolve(new Response('refused', { status: 401 }))
    })
    const session = await startRecorded({
      client: { storage, refresh: undefined },
      answer: (_, nth) => (nth === 1 ? refused : new Response('ok')),
    })
    await session.clock.advance(0)
    const before = outcome(session.auth.fetch('/before'))
    const held = storage.hold('read')
    storage.stored = { accessToken: 'access-9', sessionId: 'another' }
    storage.notify()
    refuse()
    await session.clock.advance(0)
    expect(session.auth.state).toMatchObject({ status: 'signedOut', reason: 'tokenRefused' })
    const after = outcome(session.auth.fetch('/after'))
    await session.clock.advance(0)
    expect(after.pending).toBe(true)
    held.release()
    await session.clock.advance(0)
    expect([before.value?.status, after.value?.status]).toEqual([401, 200])
    expect(authorizations(session)).toEqual([ours(1), ours(9)])
  })

  it.each([true, false])(
    'H4: where the reading fails, what is known is used, and the next request reads again (sync: %s)',
    async (sync) => {
      const session = await startNotified(sync)
      const { auth, storage, here, clock } = session
      storage.stored = refreshed(here)
      storage.fail('read', 2)
      storage.notify()
      await clock.advance(0)
      expect((await auth.fetch('/x')).status).toBe(200)
      expect((await auth.fetch('/y')).status).toBe(200)
      expect(authorizations(session)).toEqual([ours(1), ours(2)])
      expect(auth.state).toEqual({ status: 'signedIn', epoch: 1 })
      expect(session.all('storageError')).toHaveLength(2)
    },
  )

  it('H4: where the reading of a second notice fails, it is read again', async () => {
    const session = await startNotified()
    const { auth, storage, here, clock } = session
    const held = storage.hold('read')
    storage.notify()
    await held.arrived()
    storage.notify()
    held.release()
    await clock.advance(0)
    storage.stored = refreshed(here)
    storage.fail('read')
    storage.notify()
    await clock.advance(0)
    await auth.fetch('/x')
    expect(authorizations(session)).toEqual([ours(2)])
  })

  it('X3: whatever comes with a notice, only the storage is believed', async () => {
    const listeners: ((...said: unknown[]) => void)[] = []
    const storage = madeStorage({ sync: true })
    const session = await startRecorded({
      client: {
        storage: {
          ...storage,
          subscribe: (listener: () => void) => {
            listeners.push(listener)
            return () => {}
          },
        },
      },
    })
    for (const listener of listeners) listener({ accessToken: 'access-6' }, { ended: true })
    await session.auth.fetch('/x')
    expect(authorizations(session)).toEqual([ours(1)])
  })

  it('S1: not after dispose', async () => {
    const { auth, storage, said } = await startNotified()
    expect(storage.subscribers).toBe(1)
    auth.dispose()
    expect(storage.subscribers).toBe(0)
    storage.notify()
    expect([auth.state.status, said]).toEqual(['signedIn', ['signedIn']])
  })
})

it.each([true, false])('H4: a storage that calls back before it writes loses no sign-in (sync: %s)', async (sync) => {
  const made = madeStorage({ sync })
  const write: typeof made.write = (tokens) => {
    made.notify()
    return made.write(tokens)
  }
  const { auth, clock, said } = await startRecorded({ client: { storage: { ...made, write } }, tokens: undefined })
  await auth.signIn(wireTokens(1))
  await clock.advance(0)
  expect([auth.state.status, said]).toEqual(['signedIn', ['signedIn']])
  made.stored = undefined
  made.notify()
  await clock.advance(0)
  expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'signedOutElsewhere' })
})

describe('a foreign storage', () => {
  const jwt = (iss: string, sub: string): string => unsecuredJwt({ iss, sub, jti: crypto.randomUUID() })
  const cases: [string, object, object, 'same' | 'another'][] = [
    ['opaque tokens without ids', { accessToken: 'a' }, { accessToken: 'b' }, 'same'],
    ['another id', { accessToken: 'a', sessionId: '1' }, { accessToken: 'b', sessionId: '2' }, 'another'],
    ['the same id', { accessToken: 'a', sessionId: '1' }, { accessToken: 'b', sessionId: '1' }, 'same'],
    ['an id on one side', { accessToken: 'a', sessionId: '1' }, { accessToken: 'b' }, 'same'],
    ['the same user', { accessToken: jwt('i', 'u') }, { accessToken: jwt('i', 'u') }, 'same'],
    ['another user', { accessToken: jwt('i', 'u') }, { accessToken: jwt('i', 'v') }, 'another'],
    ['another issuer', { accessToken: jwt('i', 'u') }, { accessToken: jwt('j', 'u') }, 'another'],
    [
      'another user by the ID token',
      { accessToken: 'a', idToken: jwt('i', 'u') },
      { accessToken: 'b', idToken: jwt('i', 'v') },
      'another',
    ],
    ['a user known on one side', { accessToken: jwt('i', 'u') }, { accessToken: 'b' }, 'same'],
    [
      'one id, two users',
      { accessToken: jwt('i', 'u'), sessionId: '1' },
      { accessToken: jwt('i', 'v'), sessionId: '1' },
      'same',
    ],
  ]
  it.each(cases)('H4: that changes to %s', async (_, before, after, expected) => {
    const storage = madeStorage({ stored: before, sync: true })
    const { auth, said } = await startRecorded({ client: { storage }, tokens: undefined })
    storage.stored = after
    storage.notify()
    expect(auth.getTokens()?.accessToken).toBe((after as TokenSet).accessToken)
    expect(auth.state.epoch).toBe(expected === 'same' ? 1 : 2)
    expect(said).toEqual(expected === 'same' ? ['refreshed'] : ['signedOut', 'signedIn'])
  })

  it('H4: that left the id out hides no other user’s sign-in after it', async () => {
    const storage = madeStorage({ sync: true })
    const { auth } = await startRecorded({ client: { storage } })
    for (const [stored, epoch] of [
      [{ accessToken: 'of-foreign-code' }, 1],
      [{ accessToken: 'of-another-user', sessionId: 'another' }, 2],
    ] as const) {
      storage.stored = stored
      storage.notify()
      expect(auth.state).toEqual({ status: 'signedIn', epoch })
    }
  })
})

describe('hostile content', () => {
  const trap = (): never => {
    throw new Error('trap')
  }
  const circular: object = { accessToken: 'access-1' }
  Object.assign(circular, { self: circular })
  const polluting = '{"__proto__":{"accessToken":"access-1","polluted":1},"constructor":{"prototype":{"polluted":1}}}'
  const contents: [string, () => unknown][] = [
    ['a number', () => 42],
    ['a function', () => () => ({ accessToken: 'access-1' })],
    ['a symbol', () => Symbol('x')],
    ['a list', () => [{ accessToken: 'access-1' }]],
    ['a date', () => new Date()],
    ['a proxy that throws', () => new Proxy({}, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap })],
    ['a getter that throws', () => Object.defineProperty({}, 'accessToken', { enumerable: true, get: trap })],
    ['a then that throws', () => Object.defineProperty({}, 'then', { value: trap })],
    ['inherited tokens', () => Object.create({ accessToken: 'access-1' })],
    ['a polluting object', () => JSON.parse(polluting)],
    ['objects in a circle', () => circular],
    ['deep objects', () => JSON.parse(`{"accessToken":"access-1","deep":${'['.repeat(5_000)}${']'.repeat(5_000)}}`)],
    ['instants that are none', () => ({ accessToken: 'a', expiresAt: Number.POSITIVE_INFINITY, issuedAt: Number.NaN })],
    ['an access token of 10 MB', () => ({ accessToken: `${'x.'.repeat(5_000_000)}x` })],
  ]
  it.each(contents)('X3: %s ends in an error or signed out, and the client works on', async (_, content) => {
    for (const sync of [true, false]) {
      const made = madeStorage({ sync })
      const read = () => (made.written.length > 0 ? made.read() : sync ? content() : Promise.resolve().then(content))
      const session = await startRecorded({ client: { storage: { ...made, read } }, tokens: undefined })
      const { auth, clock } = session
      const request = outcome(auth.fetch('/x'))
      await clock.advance(0)
      if (request.error !== undefined) expect(request.error).toMatchObject({ code: 'AUTH_STORAGE' })
      else expect([request.value?.status, auth.state.status]).toEqual([200, expect.stringMatching(/^signed(In|Out)$/)])
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
      await auth.signIn(wireTokens(5))
      await auth.fetch('/x')
      expect(authorizations(session).at(-1)).toBe(ours(5))
    }
  })

  it('X3: a storage that never answers stops nobody for longer than refreshTimeoutMs', async () => {
    const never = () => new Promise<never>(() => {})
    const { auth, clock } = await startRecorded({
      client: { storage: { read: never, write: never } },
      tokens: undefined,
    })
    const all = [auth.fetch('/x'), auth.getAccessToken(), auth.ready(), auth.signIn(wireTokens(1))].map((it) =>
      outcome<unknown>(it),
    )
    await clock.advance(seconds(20))
    expect(all.map(({ pending }) => pending)).toEqual([false, false, false, false])
    expect((await auth.fetch('/x')).status).toBe(200)
  })
})
