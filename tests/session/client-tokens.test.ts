import { describe, expect, it } from 'vitest'
import type { AuthClient, TokenInput } from '../../src'
import { madeStorage } from '../support/made-storage'
import { authorizations, refusing, startRecorded } from '../support/start-recorded'
import { outcome, startSession, wireTokens } from '../support/start-session'

const ours = (n: number): string => `Bearer access-${n}`
const seconds = (n: number): number => n * 1000

describe('signIn', () => {
  const inputs: [string, () => TokenInput][] = [
    ['the answer of a token endpoint', () => wireTokens(1, 60)],
    ['camelCase', () => ({ accessToken: 'access-1', refreshToken: 'refresh-1', expiresIn: 60 })],
    ['a Response', () => Response.json(wireTokens(1, 60))],
  ]
  it.each(inputs)('S1, E1: takes %s; its time counts from the call', async (_, input) => {
    const { auth, clock } = await startRecorded({ tokens: undefined })
    await auth.signIn(input())
    expect(auth.getTokens()).toMatchObject({
      ...{ accessToken: 'access-1', refreshToken: 'refresh-1' },
      ...{ issuedAt: clock.now(), expiresAt: clock.now() + seconds(60) },
    })
    expect(Object.isFrozen(auth.getTokens())).toBe(true)
  })

  it('S1: takes effect at once, and resolves when it is stored', async () => {
    const storage = madeStorage()
    const held = storage.hold('write')
    const { auth, clock, said } = await startRecorded({ client: { storage }, tokens: undefined })
    await auth.ready()
    const signedIn = outcome(auth.signIn(wireTokens(1)))
    expect(auth.state).toEqual({ status: 'signedIn', epoch: 1 })
    expect((await auth.fetch('/x')).status).toBe(200)
    await clock.advance(0)
    expect([signedIn.pending, said]).toEqual([true, []])
    held.release()
    await clock.advance(0)
    expect([signedIn.pending, said]).toEqual([false, ['signedIn']])
    expect(storage.stored).toEqual(auth.getTokens())
  })

  it('S1, F4: a storage that fails is reported; the session is used all the same', async () => {
    const storage = madeStorage()
    storage.fail('write')
    const session = await startRecorded({ client: { storage } })
    expect(session.said).toEqual(['storageError', 'signedIn'])
    await session.auth.fetch('/x')
    expect(authorizations(session)).toEqual([ours(1)])
  })

  /** An answer whose body comes when the test says so. */
  function slowResponse(n: number): { response: Response; arrive(): void } {
    const body = new TransformStream<Uint8Array, Uint8Array>()
    const arrive = (): void => {
      const writer = body.writable.getWriter()
      void writer.write(new TextEncoder().encode(JSON.stringify(wireTokens(n))))
      void writer.close()
    }
    return { response: new Response(body.readable), arrive }
  }

  it.each<[string, (auth: AuthClient) => Promise<unknown>, string | undefined]>([
    ['signOut()', (auth) => auth.signOut(), undefined],
    ['signIn()', (auth) => auth.signIn(wireTokens(2)), 'access-2'],
    ['signIn(response)', (auth) => auth.signIn(Response.json(wireTokens(2))), 'access-2'],
  ])('S11: an answer that arrives after a later %s signs nobody in, and is revoked', async (_, later, expected) => {
    const revoked: unknown[] = []
    const { auth } = await startRecorded({
      tokens: undefined,
      client: { revoke: ({ refreshToken }) => void revoked.push(refreshToken) },
    })
    const { response, arrive } = slowResponse(1)
    const signedIn = auth.signIn(response)
    await later(auth)
    arrive()
    await expect(signedIn).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect([auth.getTokens()?.accessToken, revoked]).toEqual([expected, ['refresh-1']])
  })

  it('S11: a later sign-in that fails takes nothing away', async () => {
    const { auth } = await startRecorded({ tokens: undefined })
    const { response, arrive } = slowResponse(1)
    const signedIn = auth.signIn(response)
    await expect(auth.signIn(Response.json({}, { status: 401 }))).rejects.toMatchObject({ code: 'AUTH_INVALID_TOKEN' })
    arrive()
    await signedIn
    expect(auth.getTokens()?.accessToken).toBe('access-1')
  })

  const notTokens: [string, unknown][] = [
    ['a text', 'access-1'],
    ['nothing', undefined],
    ['a response that failed', Response.json(wireTokens(1), { status: 401 })],
    ['a response that is no JSON', new Response('<html>')],
    ['the response of an HTTP client', { status: 200, data: wireTokens(1) }],
    ['an expires_in that cannot be read', { access_token: 'access-1', expires_in: 'soon' }],
    ['an expiresAt in seconds', { accessToken: 'access-1', expiresAt: 1_700_000_000 }],
    ['an empty refresh token', { access_token: 'access-1', refresh_token: '' }],
  ]
  it.each(notTokens)('F13, S1: rejects %s, and the session before stays', async (_, input) => {
    const { auth, said } = await startRecorded()
    await expect(auth.signIn(input as never)).rejects.toMatchObject({ code: 'AUTH_INVALID_TOKEN' })
    expect(auth.state).toEqual({ status: 'signedIn', epoch: 1 })
    expect([auth.getTokens()?.accessToken, said]).toEqual(['access-1', ['signedIn']])
  })

  it.each(notTokens.slice(5))('F13, S7: setTokens rejects %s', async (_, input) => {
    const { auth } = await startRecorded()
    await expect(auth.setTokens(input as never)).rejects.toMatchObject({ code: 'AUTH_INVALID_TOKEN' })
    expect(auth.getTokens()?.accessToken).toBe('access-1')
  })

  it.each(['soon', null, {}])('F13: an expires_in of %j in a refresh is ignored', async (expiresIn) => {
    const { auth } = await startRecorded({
      client: { refresh: () => ({ access_token: 'access-2', expires_in: expiresIn }) as never },
    })
    expect(await auth.getAccessToken({ forceRefresh: true })).toBe('access-2')
    expect(auth.getTokens()?.expiresAt).toBeUndefined()
  })
})

describe('setTokens', () => {
  it('S1: brings newer tokens of the same session: same epoch, what they lack is kept', async () => {
    const storage = madeStorage()
    const session = await startRecorded({ client: { storage } })
    const { sessionId } = session.auth.getTokens() ?? {}
    await session.auth.setTokens({ accessToken: 'access-2' })
    expect(session.auth.getTokens()).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-1', sessionId })
    expect(session.auth.state).toEqual({ status: 'signedIn', epoch: 1 })
    expect(storage.stored).toEqual(session.auth.getTokens())
    expect(session.all('refreshed')).toEqual([
      expect.objectContaining({ source: 'setTokens', flightId: 0, attempts: 0, waiters: 0 }),
    ])
    await session.auth.fetch('/x')
    expect(authorizations(session)).toEqual([ours(2)])
  })

  it('S7: while nobody is signed in it rejects, and never signs in', async () => {
    const { auth, said } = await startRecorded({ tokens: undefined })
    await expect(auth.setTokens(wireTokens(1))).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect([auth.state.status, said]).toEqual(['signedOut', []])
  })

  it('S7: a session that ends meanwhile gets none of it', async () => {
    const storage = madeStorage()
    const { auth, clock } = await startRecorded({ client: { storage } })
    await clock.advance(0)
    const held = storage.hold('replace')
    const set = outcome(auth.setTokens(wireTokens(2)))
    await held.arrived()
    const signedOut = auth.signOut()
    held.release()
    await signedOut
    await clock.advance(0)
    expect(set.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect([auth.state.status, storage.stored]).toEqual(['signedOut', undefined])
  })

  it('S7: a refresh that answers after it is thrown away', async () => {
    const { auth, server, clock } = await startSession()
    const gate = server.holdTokenRequests({ afterActing: true })
    clock.shiftWallClock(seconds(300))
    const request = auth.fetch('/x')
    await gate.arrived()
    const own = server.signIn()
    await auth.setTokens(own)
    gate.release()
    expect((await request).status).toBe(200)
    expect(auth.getTokens()).toMatchObject({ accessToken: own.access_token, refreshToken: own.refresh_token })
    expect(server.counts.tokenRequests).toBe(1)
  })

  it('F7, S1: it is asked again after an outcome that holds refreshes back', async () => {
    const { auth, server, clock } = await startSession()
    server.faults.token.next({ oauthError: 'invalid_client' })
    await expect(auth.getAccessToken({ forceRefresh: true })).rejects.toMatchObject({
      code: 'AUTH_REFRESH_MISCONFIGURED',
    })
    await auth.setTokens(server.signIn())
    clock.shiftWallClock(seconds(300))
    expect((await auth.fetch('/x')).status).toBe(200)
    expect(server.counts.tokenRequests).toBe(2)
  })
})

describe('getAccessToken', () => {
  it('S1: gives the present token without a refresh', async () => {
    const { auth, refreshes } = await startRecorded()
    expect([await auth.getAccessToken(), refreshes()]).toEqual(['access-1', 0])
  })

  it('S1: refreshes an expired one first', async () => {
    const { auth, clock } = await startRecorded()
    clock.shiftWallClock(seconds(300))
    expect(await auth.getAccessToken()).toBe('access-2')
  })

  it('S1: forceRefresh refreshes a valid one', async () => {
    const { auth } = await startRecorded()
    expect(await auth.getAccessToken({ forceRefresh: true })).toBe('access-2')
  })

  const validities: [number, number, string][] = [
    [299_999, 0, 'access-1'],
    [100_000, 0, 'access-1'],
    [100_000, 200_001, 'access-2'],
    [100_000, 200_000, 'access-1'],
    [1_000_000, 150_000, 'access-1'],
    [1_000_000, 150_001, 'access-2'],
  ]
  it.each(validities)('S1, E3: with minValidityMs %i after %i ms it is %s', async (minValidityMs, passed, expected) => {
    const { auth, clock } = await startRecorded()
    clock.shiftWallClock(passed)
    expect(await auth.getAccessToken({ minValidityMs })).toBe(expected)
  })

  it.each([{}, { forceRefresh: true }])('S1: rejects while nobody is signed in (%o)', async (options) => {
    const { auth, said } = await startRecorded({ tokens: undefined })
    await expect(auth.getAccessToken(options)).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
    expect(said).toEqual([])
  })

  it('S1: forceRefresh without anything to refresh with says what is missing', async () => {
    const { auth } = await startRecorded({ client: { refresh: undefined } })
    await expect(auth.getAccessToken({ forceRefresh: true })).rejects.toMatchObject({ code: 'AUTH_CONFIGURATION' })
    expect(auth.state.status).toBe('signedIn')
  })

  it.each([Number.NaN, -1])('S1: a minValidityMs of %d is refused', async (minValidityMs) => {
    const { auth } = await startRecorded()
    await expect(auth.getAccessToken({ minValidityMs })).rejects.toMatchObject({ code: 'AUTH_CONFIGURATION' })
  })

  it.each([{}, { forceRefresh: true }])('Q2, S1: a signal that has fired asks for nothing (%o)', async (options) => {
    const { auth, refreshes } = await startRecorded()
    const reason = new Error('gone')
    await expect(auth.getAccessToken({ ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(refreshes()).toBe(0)
  })

  it('Q2, S1: a signal ends the wait, not the refresh', async () => {
    const { auth, server } = await startSession()
    const gate = server.holdTokenRequests()
    const controller = new AbortController()
    const token = auth.getAccessToken({ forceRefresh: true, signal: controller.signal })
    await gate.arrived()
    const reason = new Error('gone')
    controller.abort(reason)
    await expect(token).rejects.toBe(reason)
    gate.release()
    expect(await auth.getAccessToken({ forceRefresh: true })).toMatch(/-2$/)
  })

  it('S1: getTokens gives what there is, without asking anybody', async () => {
    const { auth, clock, refreshes } = await startRecorded()
    clock.shiftWallClock(seconds(600))
    expect(auth.getTokens()).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-1' })
    expect(refreshes()).toBe(0)
    await auth.signOut()
    expect(auth.getTokens()).toBeUndefined()
  })

  it('S1: ready resolves with the state, whoever is signed in', async () => {
    const { auth, clock, refreshes } = await startRecorded()
    clock.shiftWallClock(seconds(600))
    expect(await auth.ready()).toBe(auth.state)
    expect(refreshes()).toBe(0)
    await auth.signOut()
    expect(await auth.ready()).toEqual({ status: 'signedOut', epoch: 2, reason: 'signOut' })
  })
})

it('S1: dispose signs nobody out, and requests go on', async () => {
  const session = await startRecorded({ answer: refusing('access-1') })
  session.auth.dispose()
  session.auth.dispose()
  expect((await session.auth.fetch('/x')).status).toBe(200)
  expect(session.auth.state.status).toBe('signedIn')
})
