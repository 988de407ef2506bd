import { describe, expect, it } from 'vitest'
import { memoryStorage, type RevokeContext } from '../../src'
import { madeStorage } from '../support/made-storage'
import { recordingServer } from '../support/recording-server'
import { startRecorded } from '../support/start-recorded'
import { type ClientOptions, outcome, startSession } from '../support/start-session'

const seconds = (n: number): number => n * 1000

/** As RFC 7009 has it. */
const revokeByForm = ({ refreshToken = '', fetch, signal }: RevokeContext) =>
  fetch('/revoke', { method: 'POST', body: new URLSearchParams({ token: refreshToken }), signal })

const startRevoking = (client: ClientOptions = {}) => startSession({ client: { revoke: revokeByForm, ...client } })

describe('signOut', () => {
  it('S4: ends the local session at once, before anything is sent', async () => {
    const storage = memoryStorage()
    const session = await startRevoking({ storage })
    const other = session.client({ storage })
    const signedOut = session.auth.signOut()
    expect(session.auth.state).toEqual({ status: 'signedOut', epoch: 2, reason: 'signOut' })
    expect(session.auth.getTokens()).toBeUndefined()
    expect(other.auth.state.status).toBe('signedOut')
    expect(session.server.counts.revocations).toBe(0)
    expect(await signedOut).toEqual({ revoked: true })
    expect(session.server.counts).toMatchObject({ revocations: 1, familiesRevoked: 1 })
  })

  it('S4, F4: a sign-in whose write failed is not written after the sign-out that followed', async () => {
    const storage = madeStorage()
    const { auth, server, clock } = await startSession({ client: { storage }, user: undefined })
    await auth.ready()
    storage.fail('write')
    const write = storage.hold('write')
    const signedIn = auth.signIn(server.signIn())
    await write.arrived()
    const signedOut = auth.signOut()
    const read = storage.hold('read')
    write.release()
    await read.arrived()
    storage.notify()
    await clock.advance(0)
    read.release()
    await Promise.all([signedIn, signedOut])
    await clock.advance(0)
    expect([auth.state.status, storage.stored]).toEqual(['signedOut', undefined])
  })

  it('S4: has cleared the storage and said so before it revokes', async () => {
    const storage = madeStorage()
    const seen: unknown[] = []
    const { auth, said } = await startRevoking({ storage, revoke: () => seen.push(storage.stored, said.at(-1)) })
    await auth.signOut()
    expect(seen).toEqual([undefined, 'signedOut'])
  })

  it('S4: revokes the tokens of the session that ended', async () => {
    const contexts: RevokeContext[] = []
    const { auth } = await startRevoking({ revoke: (context) => contexts.push(context) })
    const tokens = auth.getTokens()
    await auth.signOut()
    expect(contexts.map(({ tokens, refreshToken }) => [tokens, refreshToken])).toEqual([[tokens, tokens?.refreshToken]])
  })

  it('S4: revokes the newest tokens, where another client has refreshed them', async () => {
    const storage = madeStorage({ lacks: ['subscribe'] })
    const session = await startRevoking({ storage })
    const other = session.client({ storage })
    await other.auth.getAccessToken({ forceRefresh: true })
    expect(await session.auth.signOut()).toEqual({ revoked: true })
    expect(session.server.counts).toMatchObject({ revocations: 1, familiesRevoked: 1, reused: 0 })
  })

  it('S4: without revoke nothing is sent, and without a session there is nothing to revoke', async () => {
    const session = await startSession()
    expect(await session.auth.signOut()).toEqual({ revoked: false })
    const revoking = await startRevoking()
    await revoking.auth.signOut()
    expect(await revoking.auth.signOut()).toEqual({ revoked: false })
    expect(revoking.server.counts.revocations).toBe(1)
  })

  const failing: [string, ClientOptions['revoke'], unknown][] = [
    [
      'throws',
      () => {
        throw Object.assign(new Error('secret'), { code: 'ECONNREFUSED' })
      },
      { name: 'Error', code: 'ECONNREFUSED' },
    ],
    ['rejects', () => Promise.reject(new TypeError('secret')), { name: 'TypeError' }],
    ['is answered 503', () => new Response('secret', { status: 503 }), { name: 'Error', status: 503 }],
  ]
  it.each(failing)('S4: where revoke %s it resolves all the same, and says so', async (_, revoke, error) => {
    const { auth, errors } = await startRevoking({ revoke, endSessionUrl: 'https://login.example.com/out' })
    expect(await auth.signOut()).toEqual({ revoked: false, error, endSessionUrl: 'https://login.example.com/out' })
    expect(auth.state.status).toBe('signedOut')
    expect(errors).toHaveLength(1)
  })

  it('S4: a revoke that hangs is given refreshTimeoutMs, and aborted', async () => {
    const contexts: RevokeContext[] = []
    const { auth, clock } = await startRevoking({
      revoke: (context) => {
        contexts.push(context)
        return new Promise(() => {})
      },
    })
    const signedOut = outcome(auth.signOut())
    await clock.advance(9_999)
    expect([signedOut.pending, contexts[0]?.signal.aborted]).toEqual([true, false])
    await clock.advance(1)
    expect(signedOut.value).toEqual({ revoked: false, error: { name: 'TimeoutError' } })
    expect(contexts[0]?.signal.aborted).toBe(true)
  })

  it('S4: revoke sends with keepalive, to the base, without the token and without following redirects', async () => {
    const session = await startRecorded({ client: { revoke: revokeByForm } })
    await session.auth.signOut()
    const [sent] = session.sent
    expect(sent?.init).toMatchObject({ keepalive: true, redirect: 'error', method: 'POST' })
    expect(sent?.request.url).toBe('https://api.example.com/v1/revoke')
    expect(sent?.request.headers.get('authorization')).toBeNull()
    expect(await sent?.request.text()).toBe('token=refresh-1')
  })

  it('S4: over a socket, too', async () => {
    const server = await recordingServer()
    const { auth } = await startRecorded({ client: { baseUrl: server.url, fetch: undefined, revoke: revokeByForm } })
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(server.requests.map(({ path, body }) => [path, atob(body)])).toEqual([['/revoke', 'token=refresh-1']])
  })

  const endSessionUrls: [string, ClientOptions['endSessionUrl'], object][] = [
    ['a text', 'https://login.example.com/out', { endSessionUrl: 'https://login.example.com/out' }],
    ['a URL', new URL('https://login.example.com/out'), { endSessionUrl: 'https://login.example.com/out' }],
    [
      'a function of the tokens',
      ({ idToken }) => `https://login.example.com/out?id_token_hint=${idToken}`,
      { endSessionUrl: 'https://login.example.com/out?id_token_hint=id-1' },
    ],
    ['a promise', async () => new URL('https://login.example.com/'), { endSessionUrl: 'https://login.example.com/' }],
    ['a function that knows none', () => undefined, {}],
    ['a function that says so with null', () => null as never, {}],
    ['a function that rejects', () => Promise.reject(new RangeError('secret')), { error: { name: 'RangeError' } }],
  ]
  it.each(endSessionUrls)('S4: with %s as endSessionUrl', async (_, endSessionUrl, expected) => {
    const session = await startRecorded({
      client: { endSessionUrl },
      tokens: { access_token: 'access-1', id_token: 'id-1' },
    })
    expect(await session.auth.signOut()).toEqual({ revoked: false, ...expected })
  })

  it.each(['read', 'replace', 'write'] as const)('S4: a storage whose %s fails stops none of it', async (call) => {
    const storage = madeStorage()
    const { auth, said, server, clock } = await startRevoking({ storage })
    await clock.advance(0)
    storage.fail(call, 9)
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'signOut' })
    expect(said).toContain('signedOut')
    expect(server.counts.revocations).toBe(1)
    if (call !== 'write') expect(storage.stored).toBeUndefined()
  })

  it('S4: a storage that hangs is waited for within bounds', async () => {
    const storage = madeStorage()
    const { auth, clock, server } = await startRevoking({ storage })
    await clock.advance(0)
    storage.hold('read')
    storage.hold('replace')
    storage.hold('write')
    const signedOut = outcome(auth.signOut())
    expect(auth.state.status).toBe('signedOut')
    await clock.advance(seconds(20))
    expect(signedOut.value).toEqual({ revoked: true })
    expect(server.counts.revocations).toBe(1)
  })

  it('S4: twice at once is once, and both learn what happened', async () => {
    const session = await startRevoking({ endSessionUrl: 'https://login.example/logout' })
    const results = await Promise.all([session.auth.signOut(), session.auth.signOut()])
    expect(results).toEqual(Array(2).fill({ revoked: true, endSessionUrl: 'https://login.example/logout' }))
    expect(session.all('signedOut')).toHaveLength(1)
    expect(session.server.counts.revocations).toBe(1)
  })

  it('S4: one that comes after another sign-in is its own', async () => {
    const { auth, server } = await startRevoking()
    const results = [auth.signOut(), auth.signIn(server.signIn('other')), auth.signOut()]
    expect(await Promise.all(results)).toEqual([{ revoked: true }, undefined, { revoked: true }])
    expect(server.counts).toMatchObject({ revocations: 2, familiesRevoked: 2 })
  })
})

describe('signOut while the session is restoring', () => {
  async function startRestoring(stored: unknown) {
    const storage = madeStorage({ stored })
    const held = storage.hold('read')
    const revoked: unknown[] = []
    const session = await startSession({
      user: undefined,
      client: { storage, revoke: ({ refreshToken }) => revoked.push(refreshToken) },
    })
    return { ...session, storage, held, revoked }
  }

  it('S8: revokes what the storage holds, and clears it', async () => {
    const { auth, held, storage, revoked, clock } = await startRestoring({ accessToken: 'a', refreshToken: 'stored' })
    const signedOut = auth.signOut()
    expect(auth.state).toEqual({ status: 'signedOut', epoch: 1, reason: 'signOut' })
    held.release()
    expect(await signedOut).toEqual({ revoked: true })
    expect(revoked).toEqual(['stored'])
    expect(storage.stored).toBeUndefined()
    await clock.advance(0)
    expect(auth.state).toEqual({ status: 'signedOut', epoch: 1, reason: 'signOut' })
  })

  it('S8: clears the storage also where it cannot be read', async () => {
    const { auth, held, storage, revoked } = await startRestoring({ accessToken: 'a', refreshToken: 'stored' })
    storage.fail('read', 9)
    const signedOut = auth.signOut()
    held.release()
    expect(await signedOut).toEqual({ revoked: false })
    expect(revoked).toEqual([])
    expect(storage.stored).toBeUndefined()
  })

  it('S8: has nothing to revoke where nothing is stored', async () => {
    const { auth, held, said } = await startRestoring(undefined)
    const signedOut = auth.signOut()
    held.release()
    expect(await signedOut).toEqual({ revoked: false })
    expect(said).toEqual([])
  })
})

describe('signOut where the storage has moved on', () => {
  it('S10: leaves another user’s session there', async () => {
    const storage = madeStorage({ lacks: ['subscribe'] })
    const { auth, server } = await startRevoking({ storage })
    const others = { accessToken: 'of-another', refreshToken: 'of-another', sessionId: 'another' }
    storage.stored = others
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(storage.stored).toBe(others)
    expect(server.counts.familiesRevoked).toBe(1)
  })

  it('S10: clears newer tokens of its own session', async () => {
    const storage = madeStorage({ lacks: ['subscribe'] })
    const { auth } = await startRevoking({ storage })
    storage.stored = { ...auth.getTokens(), accessToken: 'newer', refreshToken: 'newer' }
    await auth.signOut()
    expect(storage.stored).toBeUndefined()
  })

  it('S10: a write that comes between is cleared all the same', async () => {
    const storage = madeStorage({ lacks: ['subscribe'] })
    const { auth } = await startRevoking({ storage })
    const held = storage.hold('replace')
    const signedOut = auth.signOut()
    await held.arrived()
    storage.stored = { ...(storage.stored as object), accessToken: 'newer', refreshToken: 'newer' }
    held.release()
    await signedOut
    expect(storage.stored).toBeUndefined()
  })

  it('F2, F9: a clear that ends after its time does not take the next sign-in away', async () => {
    const { read, write } = memoryStorage()
    let fail: ((error: Error) => void) | undefined
    let hangs = false
    const hanging = (): Promise<never> =>
      new Promise((_, reject) => {
        fail = reject
      })
    const storage = { write, read: () => (hangs ? hanging() : read()) }
    const { auth, server, clock } = await startRevoking({ storage })
    hangs = true
    const signedOut = auth.signOut()
    await clock.advance(seconds(10))
    await signedOut
    hangs = false
    await auth.signIn(server.signIn('other'))
    fail?.(new Error('socket timeout'))
    await clock.advance(0)
    expect(read()).toEqual(auth.getTokens())
  })
})

describe('what revoke answers', () => {
  it('S4: is no revocation where it is a Response without success, of whichever make', async () => {
    const headers = new Headers()
    const made = (status: number) => ({ status, headers, text: async () => '' })
    const answers = [new Response(null, { status: 503 }), made(503), made(302)]
    for (const answer of answers) {
      const { auth } = await startRevoking({ revoke: () => answer })
      expect(await auth.signOut()).toEqual({
        revoked: false,
        error: expect.objectContaining({ status: answer.status }),
      })
    }
    for (const answer of [new Response(null), made(200), undefined, { ok: false }]) {
      const { auth } = await startRevoking({ revoke: () => answer })
      expect(await auth.signOut()).toEqual({ revoked: true })
    }
  })
})
