import { describe, expect, it } from 'vitest'
import type { RefreshContext, TokenSet } from '../../src'
import { type MadeStorageOptions, madeStorage } from '../support/made-storage'
import { authorizations, startRecorded } from '../support/start-recorded'
import { outcome, startSession, wireTokens } from '../support/start-session'

const stored: TokenSet = { accessToken: 'access-1', refreshToken: 'refresh-1', sessionId: 'a' }
const seconds = (n: number): number => n * 1000
const ours = (n: number): string => `Bearer access-${n}`

const startWith = (options: MadeStorageOptions = {}) => {
  const storage = madeStorage(options)
  return { storage, started: () => startRecorded({ client: { storage }, tokens: undefined }) }
}

describe('while the storage is being read', () => {
  it('S2: the state is restoring, requests wait for one reading, and go out with what it finds', async () => {
    const { storage, started } = startWith({ stored })
    const held = storage.hold('read')
    const session = await started()
    expect(session.auth.state).toEqual({ status: 'restoring', epoch: 0 })
    const requests = [session.auth.fetch('/a'), session.auth.fetch('/b'), session.auth.getAccessToken()]
    const ready = outcome(session.auth.ready())
    await session.clock.advance(seconds(5))
    expect([session.sent.length, ready.pending]).toEqual([0, true])
    held.release()
    await Promise.all(requests)
    expect(authorizations(session)).toEqual([ours(1), ours(1)])
    expect(ready.value).toEqual({ status: 'signedIn', epoch: 1 })
    expect(storage.calls).toEqual(['read'])
    expect(session.events).toEqual([{ name: 'signedIn', source: 'storage', at: session.clock.now(), epoch: 1 }])
  })

  it('S2: one that answers at once leaves nothing to wait for', async () => {
    const { started } = startWith({ stored, sync: true })
    expect((await started()).auth.state).toEqual({ status: 'signedIn', epoch: 1 })
    expect((await startWith({ sync: true }).started()).auth.state).toEqual({ status: 'signedOut', epoch: 0 })
  })

  const unparsable: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['a text', '{"accessToken":"access-1"}'],
    ['a list', [stored]],
    ['an empty object', {}],
    ['an access token of another type', { accessToken: 1 }],
    ['only a refresh token', { refreshToken: 'refresh-1' }],
    ['the id of a session whose tokens are elsewhere', { sessionId: 'a' }],
    ['a session that was ended', { ended: true }],
  ]
  it.each(unparsable)('S2: %s is signed out, without a reason and without an event', async (_, stored) => {
    const session = await startWith({ stored }).started()
    expect((await session.auth.fetch('/x')).status).toBe(200)
    expect(authorizations(session)).toEqual([null])
    expect(session.auth.state).toEqual({ status: 'signedOut', epoch: 0 })
    expect(session.events).toEqual([])
  })

  it('S2: a request waits for refreshTimeoutMs, and no longer', async () => {
    const { storage, started } = startWith({ stored })
    storage.hold('read')
    const session = await started()
    const request = outcome(session.auth.fetch('/x'))
    await session.clock.advance(9_999)
    expect(request.pending).toBe(true)
    await session.clock.advance(1)
    expect(request.error).toMatchObject({ code: 'AUTH_STORAGE', retryable: true })
    expect(session.auth.state).toMatchObject({ status: 'restoring', error: { code: 'AUTH_STORAGE' } })
  })

  it('S2, Q2: who is canceled leaves at once, and nobody else notices', async () => {
    const { storage, started } = startWith({ stored })
    const held = storage.hold('read')
    const { auth, sent } = await started()
    const controller = new AbortController()
    const gone = [auth.fetch('/x', { signal: controller.signal }), auth.ready({ signal: controller.signal })]
    const stays = auth.fetch('/y')
    controller.abort()
    await Promise.all(gone.map((it) => expect(it).rejects.toMatchObject({ name: 'AbortError' })))
    held.release()
    expect((await stays).status).toBe(200)
    expect(sent).toHaveLength(1)
  })
})

describe('a storage that cannot be read', () => {
  it.each([true, false])(
    'S2: leaves it restoring; requests reject, and the next need tries again (sync: %s)',
    async (sync) => {
      const { storage, started } = startWith({ stored, sync })
      storage.fail('read', 3)
      const session = await started()
      const { auth, clock } = session
      await clock.advance(0)
      expect(auth.state).toMatchObject({
        status: 'restoring',
        epoch: 0,
        error: { code: 'AUTH_STORAGE', retryable: true },
      })
      expect(auth.getTokens()).toBeUndefined()
      await expect(auth.fetch('/x')).rejects.toMatchObject({ code: 'AUTH_STORAGE', retryable: true })
      await expect(auth.ready()).rejects.toMatchObject({ code: 'AUTH_STORAGE', retryable: true })
      expect(session.sent).toEqual([])
      expect(session.said.filter((name) => name !== 'storageError')).toEqual([])
      expect(await auth.getAccessToken()).toBe('access-1')
      expect(await auth.ready()).toEqual({ status: 'signedIn', epoch: 1 })
      expect(storage.calls).toEqual(Array(4).fill('read'))
    },
  )

  it('S2: requests that come together share one new attempt', async () => {
    const { storage, started } = startWith({ stored })
    storage.fail('read')
    const { auth, clock } = await started()
    await clock.advance(0)
    await Promise.all(['/a', '/b', '/c'].map((path) => auth.fetch(path)))
    expect(storage.calls).toEqual(['read', 'read'])
  })

  it('S2: a sign-in needs no reading', async () => {
    const { storage, started } = startWith()
    storage.fail('read', Number.POSITIVE_INFINITY)
    const session = await started()
    await session.auth.signIn(wireTokens(1))
    expect((await session.auth.fetch('/x')).status).toBe(200)
    expect(authorizations(session)).toEqual([ours(1)])
  })

  it('S2: a sign-in takes effect at once, and so does a sign-out, also where the reading hangs', async () => {
    const { storage, started } = startWith({ stored })
    storage.hold('read')
    const session = await started()
    const before = outcome(session.auth.fetch('/before'))
    void session.auth.signIn(wireTokens(2))
    const after = outcome(session.auth.fetch('/after'))
    await session.clock.advance(0)
    expect([before.value?.status, after.value?.status]).toEqual([200, 200])
    void session.auth.signOut()
    expect((await session.auth.fetch('/out')).status).toBe(200)
    expect(authorizations(session)).toEqual([ours(2), ours(2), null])
  })
})

describe('with refreshWithoutToken', () => {
  async function startTokenless(client: object = {}, stored?: unknown) {
    const storage = madeStorage({ stored })
    const asked: RefreshContext[] = []
    const answers: (() => unknown)[] = []
    const session = await startSession({
      user: undefined,
      client: {
        storage,
        refreshWithoutToken: true,
        refreshRetries: 0,
        refresh: (context: RefreshContext) => {
          asked.push(context)
          return (
            answers.shift() ?? (() => ({ access_token: session.server.signIn().access_token, expires_in: 300 }))
          )()
        },
        ...client,
      } as object,
    })
    const oauth = (error: string) => () => Response.json({ error }, { status: 400 })
    return {
      ...session,
      storage,
      asked,
      oauth,
      nextEvent: session.next,
      /** What the refresher answers next. */
      next: (...them: (() => unknown)[]): unknown => answers.push(...them),
    }
  }

  it('S2: a page reload is signed in once the first refresh has answered; requests wait for it', async () => {
    const { auth, asked, events, server } = await startTokenless()
    const [response, state] = await Promise.all([auth.fetch('/x'), auth.ready()])
    expect([response.status, state]).toEqual([200, { status: 'signedIn', epoch: 1 }])
    expect(asked.map(({ tokens, refreshToken, trigger }) => [tokens, refreshToken, trigger])).toEqual([
      [undefined, undefined, 'missing'],
    ])
    expect(server.counts.api.requests).toBe(1)
    expect(events.map(({ name }) => name)).toEqual(['refreshStarted', 'refreshed', 'signedIn'])
    expect(events.find(({ name }) => name === 'signedIn')).toMatchObject({ source: 'refresh', epoch: 1 })
  })

  it('S2: on a server nothing is asked before the first need', async () => {
    const { auth, asked, clock } = await startTokenless()
    await clock.advance(seconds(60))
    expect([asked.length, auth.state]).toEqual([0, { status: 'restoring', epoch: 0 }])
  })

  it('S2: who subscribes wants to know', async () => {
    const { auth } = await startTokenless()
    const known = new Promise<void>((resolve) => {
      auth.subscribe(resolve)
    })
    await known
    expect(auth.state.status).toBe('signedIn')
  })

  it('S2: tokens that are stored need no refresh', async () => {
    const { auth, asked } = await startTokenless({}, { accessToken: 'stored' })
    expect(await auth.getAccessToken()).toBe('stored')
    expect(asked).toEqual([])
  })

  it('S2, S6: a rejection is signed out, without a reason, and no session has ended', async () => {
    const { auth, asked, next, oauth, said, server } = await startTokenless()
    next(oauth('invalid_grant'))
    const [response] = await Promise.all([auth.fetch('/x'), auth.ready()])
    expect(response.status).toBe(401)
    expect(auth.state).toEqual({ status: 'signedOut', epoch: 1 })
    expect(said.filter((name) => ['signedOut', 'signedIn'].includes(name))).toEqual([])
    expect(server.counts.api.requests).toBe(1)
    await auth.fetch('/y')
    await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(asked).toHaveLength(1)
  })

  it('S6: after a rejection a sign-in makes it ask again', async () => {
    const { auth, asked, next, oauth, clock } = await startTokenless()
    next(oauth('invalid_grant'))
    await auth.ready()
    await auth.signIn({ access_token: 'short', expires_in: 10 })
    await clock.advance(seconds(10))
    expect((await auth.fetch('/x')).status).toBe(200)
    expect(asked).toHaveLength(2)
  })

  it.each(['signed out', 'signed in'])(
    'S2, S6: another tab’s sign-in is known to who subscribed while %s, without a request',
    async (before) => {
      const { auth, asked, next, oauth, storage, clock } = await startTokenless()
      if (before === 'signed out') next(oauth('invalid_grant'))
      await auth.ready()
      auth.subscribe(() => {})
      storage.stored = { sessionId: 'of another tab' }
      storage.notify()
      await clock.advance(0)
      expect([auth.state.status, asked.length]).toEqual(['signedIn', 2])
    },
  )

  it('S6, H4: after a rejection a sign-in in another tab makes it ask again', async () => {
    const { auth, asked, next, oauth, storage } = await startTokenless()
    next(oauth('invalid_grant'))
    await auth.ready()
    storage.notify()
    await auth.fetch('/x')
    expect(asked).toHaveLength(1)
    storage.stored = { sessionId: 'of another tab' }
    storage.notify()
    expect((await auth.fetch('/x')).status).toBe(200)
    expect(asked).toHaveLength(2)
    expect(auth.getTokens()?.sessionId).toBe('of another tab')
  })

  it('S6: a rejection ends a session that was there, and is the last question', async () => {
    const { auth, asked, next, oauth, all, clock } = await startTokenless()
    await auth.fetch('/x')
    next(oauth('invalid_grant'))
    clock.shiftWallClock(seconds(300))
    await expect(auth.fetch('/x')).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(all('signedOut')).toEqual([expect.objectContaining({ reason: 'refreshRejected' })])
    await auth.fetch('/x')
    expect(asked).toHaveLength(2)
  })

  it('S2: a session that was ended on purpose is not asked for', async () => {
    const { auth, asked } = await startTokenless({}, { ended: true })
    expect(await auth.ready()).toEqual({ status: 'signedOut', epoch: 0 })
    expect(asked).toEqual([])
  })

  it('S2: an outage leaves it restoring; requests reject, and the next need tries again', async () => {
    const { auth, next, said, server } = await startTokenless()
    next(() => new Response(null, { status: 503 }))
    await expect(auth.fetch('/x')).rejects.toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE', retryable: true })
    expect(auth.state).toMatchObject({ status: 'restoring', epoch: 0, error: { code: 'AUTH_REFRESH_UNAVAILABLE' } })
    expect(server.counts.api.requests).toBe(0)
    expect(said).toEqual(['refreshStarted', 'refreshFailed'])
    expect((await auth.fetch('/x')).status).toBe(200)
    expect(auth.state).toEqual({ status: 'signedIn', epoch: 1 })
  })

  it('S2, F7: one that is set up wrongly leaves it restoring, with that error', async () => {
    const { auth, next, oauth } = await startTokenless()
    next(oauth('invalid_client'))
    await expect(auth.ready()).rejects.toMatchObject({ code: 'AUTH_REFRESH_MISCONFIGURED' })
    expect(auth.state).toMatchObject({ status: 'restoring', error: { code: 'AUTH_REFRESH_MISCONFIGURED' } })
  })

  const wanted = ['interaction_required', 'login_required', 'consent_required']
  it.each(wanted)('S9: %s is signed out, with the event interactionRequired', async (error) => {
    const { auth, next, oauth, said, nextEvent, asked } = await startTokenless()
    next(oauth(error))
    const event = nextEvent('interactionRequired')
    expect(await auth.ready()).toEqual({ status: 'signedOut', epoch: 1 })
    expect(await event).toMatchObject({ error: { code: 'AUTH_INTERACTION_REQUIRED', oauthError: error } })
    expect(said).not.toContain('signedOut')
    expect((await auth.fetch('/x')).status).toBe(401)
    expect(asked).toHaveLength(1)
  })

  it('S2: who is signed in by it has a sessionId, which is stored', async () => {
    const { auth, storage } = await startTokenless()
    await auth.ready()
    expect(auth.getTokens()?.sessionId).toMatch(/^[\da-f]{32}$/)
    expect(storage.stored).toEqual(auth.getTokens())
  })
})

describe('a storage that cannot be subscribed to', () => {
  const failure = new Error('no channel')
  const throwing = (): never => {
    throw failure
  }

  it.each([
    ['throws', throwing],
    ['rejects', (): never => Promise.reject(failure) as never],
  ])('S2, Q5: says so in a storageError, and works without, where it %s', async (_, subscribe) => {
    const { read, write } = madeStorage()
    const { auth, clock, errors, all } = await startSession({ client: { storage: { read, write, subscribe } } })
    await clock.advance(0)
    expect((await auth.fetch('/x')).status).toBe(200)
    expect(all('storageError')).toEqual([
      expect.objectContaining({ error: expect.objectContaining({ code: 'AUTH_STORAGE' }) }),
    ])
    expect(errors).toEqual([failure])
  })

  it('Q5: nor unsubscribed from: dispose() does not throw', async () => {
    const { read, write } = madeStorage()
    const { auth, errors } = await startSession({ client: { storage: { read, write, subscribe: () => throwing } } })
    auth.dispose()
    expect(errors).toEqual([failure])
  })
})
