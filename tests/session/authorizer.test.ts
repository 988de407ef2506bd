import { describe, expect, it } from 'vitest'
import type { RefreshContext, RequestFacts, ResponseFacts } from '../../src'
import { deferred } from '../support/deferred'
import { apiOrigin, authorizations, refusing, startRecorded } from '../support/start-recorded'
import { outcome, refreshByForm, startSession, wireTokens } from '../support/start-session'

const ours = (n: number): string => `Bearer access-${n}`
const seconds = (n: number): number => n * 1000

const answering = (status: number, challenge?: string, body: string | null = null): Response =>
  new Response(body, { status, headers: challenge === undefined ? {} : { 'www-authenticate': challenge } })

/** The first token gets this response, the others are let in. */
const first =
  (make: () => Response) =>
  ({ headers }: Request): Response =>
    headers.get('authorization') === ours(1) ? make() : new Response('ok')

describe('which responses mean that the token was refused', () => {
  const refused: [number, string | undefined][] = [
    [401, undefined],
    [401, ''],
    [401, 'Bearer'],
    [401, 'Bearer realm="api"'],
    [401, 'Bearer error="invalid_token", error_description="The token expired at \'11/14/2025 18:56:00\'"'],
    [401, 'Bearer error="invalid_token", error_description="The audience \'"x"\' is invalid"'],
    [401, 'Bearer error=invalid_token, Bearer error="invalid_token", Negotiate, NTLM'],
    [401, 'Basic realm="error=\\"insufficient_scope\\""'],
    [401, 'Basic error="insufficient_scope"'],
    [401, 'Bearer error="invalid_token", error_description="insufficient_scope"'],
    [401, '\u00ff"=,,==""'],
    [401, 'Bearer error="insufficient_claims"'],
  ]
  it.each(refused)('R1: a %i with %j is one: the token is refreshed', async (status, challenge) => {
    const session = await startRecorded({ answer: first(() => answering(status, challenge)) })
    expect((await session.auth.fetch('/x?secret=1')).status).toBe(200)
    expect(authorizations(session)).toEqual([ours(1), ours(2)])
    expect(session.all('tokenRefused')).toEqual([expect.objectContaining({ status, url: `${apiOrigin}/v1/x` })])
  })

  const accepted: [number, string | undefined][] = [
    [401, 'Bearer error="insufficient_scope", scope="admin"'],
    [401, 'Negotiate, Bearer realm="x", error=insufficient_scope'],
    [403, undefined],
    [403, 'Bearer error="invalid_token"'],
    [400, 'Bearer error="invalid_token"'],
    [407, 'Bearer error="invalid_token"'],
    [419, undefined],
    [200, 'Bearer error="invalid_token"'],
    [500, 'Bearer error="invalid_token"'],
  ]
  it.each(accepted)('R1: a %i with %j is none: it is its caller’s', async (status, challenge) => {
    const session = await startRecorded({ answer: first(() => answering(status, challenge)) })
    expect((await session.auth.fetch('/x')).status).toBe(status)
    expect(authorizations(session)).toEqual([ours(1)])
    expect(session.refreshes()).toBe(0)
    expect(session.said).not.toContain('tokenRefused')
  })

  it('R1: insufficient_user_authentication starts no refresh, and says what is wanted', async () => {
    const challenge = 'Bearer error="insufficient_user_authentication", acr_values="mfa hw", max_age="300"'
    const session = await startRecorded({ answer: first(() => answering(401, challenge)) })
    expect((await session.auth.fetch('/x')).status).toBe(401)
    expect(session.refreshes()).toBe(0)
    expect(session.all('interactionRequired')).toEqual([
      { name: 'interactionRequired', acrValues: 'mfa hw', maxAge: 300, at: session.clock.now(), epoch: 1 },
    ])
  })

  it('R1, F10: insufficient_claims is refreshed with these claims', async () => {
    const contexts: RefreshContext[] = []
    const claims = 'eyJhY2Nlc3NfdG9rZW4iOnt9fQ=='
    const session = await startRecorded({
      answer: first(() => answering(401, `Bearer realm="", error="insufficient_claims", claims="${claims}"`)),
      client: {
        refresh: (context) => {
          contexts.push(context)
          return wireTokens(2)
        },
      },
    })
    expect((await session.auth.fetch('/x')).status).toBe(200)
    expect(contexts.map(({ claims, trigger }) => [claims, trigger])).toEqual([[claims, 'refused']])
  })

  it('R1: without a token of ours nothing is refused', async () => {
    const seen: number[] = []
    const session = await startRecorded({
      tokens: undefined,
      answer: () => answering(401, 'Bearer error="invalid_token"'),
      client: { isTokenRefused: ({ status }) => seen.push(status) > 0 },
    })
    expect((await session.auth.fetch('/x')).status).toBe(401)
    expect(seen).toEqual([])
    expect(session.said).not.toContain('tokenRefused')
  })
})

describe('isTokenRefused', () => {
  it('R1: sees every status, of resends too, and the request', async () => {
    const seen: unknown[] = []
    const session = await startRecorded({
      answer: (_, nth) => answering([200, 204, 404, 500, 403, 401, 200][nth - 1] ?? 200),
      client: {
        isTokenRefused: (response, request) => {
          seen.push([response.status, request.method, request.url])
          return response.status === 403
        },
      },
    })
    for (const path of 'abcde') await session.auth.fetch(`/${path}`, { method: 'PUT' })
    expect(seen).toEqual(
      [200, 204, 404, 500, 403, 401].map((status, at) => [status, 'PUT', `${apiOrigin}/v1/${'abcdee'[at]}`]),
    )
    expect(session.refreshes()).toBe(1)
  })

  it('R1: takes the place of the default: a 401 that it lets pass is its caller’s', async () => {
    const session = await startRecorded({ answer: () => answering(401), client: { isTokenRefused: () => false } })
    expect((await session.auth.fetch('/x')).status).toBe(401)
    expect(session.refreshes()).toBe(0)
  })

  const notTrue: [string, unknown][] = [
    ['1', 1],
    ["'true'", 'true'],
    ['a promise of 1', Promise.resolve(1)],
  ]
  it.each(notTrue)('R1: %s is not true', async (_, value) => {
    const session = await startRecorded({ client: { isTokenRefused: (() => value) as never } })
    expect((await session.auth.fetch('/x')).status).toBe(200)
    expect(session.refreshes()).toBe(0)
  })

  const throwing: [string, () => never | Promise<never>][] = [
    [
      'throws',
      () => {
        throw new Error('of isTokenRefused')
      },
    ],
    ['rejects', () => Promise.reject(new Error('of isTokenRefused'))],
  ]
  it.each(throwing)('Q5: where it %s the default decides, and onError gets it', async (_, isTokenRefused) => {
    const session = await startRecorded({ answer: refusing('access-1'), client: { isTokenRefused } })
    expect((await session.auth.fetch('/x')).status).toBe(200)
    expect(authorizations(session)).toEqual([ours(1), ours(2)])
    expect(session.errors).toEqual([new Error('of isTokenRefused'), new Error('of isTokenRefused')])
  })

  const graphql = async (response: ResponseFacts): Promise<boolean> =>
    response.status === 200 && (await response.text())?.includes('UNAUTHENTICATED') === true
  const json = (body: BodyInit): Response => new Response(body, { headers: { 'content-type': 'application/json' } })

  it('R1: may be async and look into a 200', async () => {
    const session = await startRecorded({
      answer: first(() => json('{"errors":["UNAUTHENTICATED"]}')),
      client: { isTokenRefused: graphql },
    })
    expect(await (await session.auth.fetch('/graphql')).text()).toBe('ok')
    expect(session.refreshes()).toBe(1)
  })

  it('R1: its promise may be of any make', async () => {
    const isTokenRefused = ({ status }: ResponseFacts) => ({
      // biome-ignore lint/suspicious/noThenProperty: as promises that are not the engine's
      then(resolve: (refused: boolean) => void): void {
        resolve(status === 401)
      },
    })
    const session = await startRecorded({
      answer: refusing('access-1'),
      client: { isTokenRefused: isTokenRefused as never },
    })
    expect(await (await session.auth.fetch('/x')).text()).toBe('ok')
    expect(session.refreshes()).toBe(1)
  })

  it('R1: may take both apart: nothing of them depends on `this`', async () => {
    const session = await startRecorded({
      answer: first(() => json('{"errors":["UNAUTHENTICATED"]}')),
      client: {
        authenticate: ({ header }) => header('x-anonymous') === undefined,
        isTokenRefused: async ({ status, text, header: answered }, { header: asked }) =>
          status === 200 &&
          answered('content-type') === 'application/json' &&
          asked('x-asked') === 'yes' &&
          (await text())?.includes('UNAUTHENTICATED') === true,
      },
    })
    expect(await (await session.auth.fetch('/graphql', { headers: { 'x-asked': 'yes' } })).text()).toBe('ok')
    expect(session.refreshes()).toBe(1)
    expect(session.errors).toEqual([])
  })

  it('R1: a body that it looked into is whole for the caller', async () => {
    const large = JSON.stringify({ data: 'x'.repeat(300_000) })
    let length = 0
    const { auth } = await startRecorded({
      answer: () => json(large),
      client: {
        isTokenRefused: async (response) => {
          length = (await response.text())?.length ?? 0
          return ((await response.text())?.length ?? 0) !== length
        },
      },
    })
    const response = await auth.fetch('/x')
    expect(await response.text()).toBe(large)
    expect(length).toBe(64 * 1024)
  })

  it('R1: does not wait for the end of a body beyond 64 KB, nor hold the caller’s stream back', async () => {
    let more = (_: string): void => {}
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        more = (text) => controller.enqueue(new TextEncoder().encode(text))
      },
    })
    const { auth } = await startRecorded({ answer: () => json(body), client: { isTokenRefused: graphql } })
    more('x'.repeat(70_000))
    const response = await auth.fetch('/x')
    const reader = response.body?.getReader()
    expect((await reader?.read())?.value?.byteLength).toBe(70_000)
    more('later')
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('later')
  })

  const unread: [string, string | undefined][] = [
    ['an event stream', 'text/event-stream; charset=utf-8'],
    ['bytes', 'application/octet-stream'],
    ['an image', 'image/png'],
    ['no type', undefined],
  ]
  it.each(unread)('R1: text() is nothing for %s, and the stream is untouched', async (_, type) => {
    const given = new Response(new ReadableStream(), { headers: type === undefined ? {} : { 'content-type': type } })
    const texts: unknown[] = []
    const { auth } = await startRecorded({
      answer: () => given,
      client: {
        isTokenRefused: async (response) => {
          texts.push(await response.text())
          return false
        },
      },
    })
    expect(await auth.fetch('/x')).toBe(given)
    expect(texts).toEqual([undefined])
    expect(given.body?.locked).toBe(false)
  })

  it('Q2: a caller who aborts does not wait for its promise', async () => {
    const asked = deferred<void>()
    const { auth, errors } = await startRecorded({
      answer: () => answering(401),
      client: {
        isTokenRefused: () => {
          asked.resolve()
          return new Promise<boolean>(() => {})
        },
      },
    })
    const controller = new AbortController()
    const sent = auth.fetch('/x', { signal: controller.signal })
    await asked.promise
    controller.abort()
    await expect(sent).rejects.toBe(controller.signal.reason)
    expect(errors).toEqual([])
  })

  it('R7, R1: what it refused is handed out with its body when there is no refresh', async () => {
    const { auth } = await startRecorded({
      answer: () => json('{"errors":["UNAUTHENTICATED"]}'),
      client: { isTokenRefused: graphql },
      tokens: { access_token: 'access-1' },
    })
    const response = await auth.fetch('/x')
    expect([response.status, await response.json()]).toEqual([200, { errors: ['UNAUTHENTICATED'] }])
    expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'tokenRefused' })
  })
})

describe('a refusal with an older token than the present one', () => {
  it('R2: is resent with the present one, and starts no refresh', async () => {
    const { auth, server } = await startSession()
    const gate = server.holdApiRequests({ where: ({ url }) => url.endsWith('/late') })
    const late = [auth.fetch('/late'), auth.fetch('/late', { method: 'POST', body: 'x' })]
    await gate.arrived(2)
    server.refuseAccessTokens()
    expect((await auth.fetch('/early')).status).toBe(200)
    gate.release()
    expect((await Promise.all(late)).map(({ status }) => status)).toEqual([200, 200])
    expect(server.counts).toMatchObject({ refreshes: 1, api: { requests: 6, refused: 3 } })
  })

  it('R2: also within the cooldown of a refused resend', async () => {
    const session = await startSession()
    const { auth, server } = session
    const gate = server.holdApiRequests({ where: ({ url }) => url.endsWith('/late') })
    const late = auth.fetch('/late')
    await gate.arrived()
    server.faults.api.next({ refuse: true }, { refuse: true })
    expect((await auth.fetch('/twice')).status).toBe(401)
    server.faults.api.next({ refuse: true })
    gate.release()
    expect((await late).status).toBe(200)
    expect(server.counts.refreshes).toBe(1)
  })

  it('R2: unless it names claims that the present token was not asked for', async () => {
    const contexts: (string | undefined)[] = []
    let refuse = (): void => {}
    const session = await startRecorded({
      answer: (request) =>
        request.headers.get('authorization') === ours(1) && request.url.endsWith('/late')
          ? new Promise((resolve) => {
              refuse = () => resolve(answering(401, 'Bearer error="insufficient_claims", claims="e30="'))
            })
          : new Response('ok'),
      client: {
        refresh: ({ claims }) => {
          contexts.push(claims)
          return wireTokens(contexts.length + 1)
        },
      },
    })
    const late = session.auth.fetch('/late')
    await session.auth.getAccessToken({ forceRefresh: true })
    refuse()
    expect((await late).status).toBe(200)
    expect(contexts).toEqual([undefined, 'e30='])
    expect(authorizations(session).at(-1)).toBe(ours(3))
  })
})

describe('requests that are refused together', () => {
  it.each([2, 200])('R3: %i make one refresh, and each is resent once', async (count) => {
    const { auth, server, all } = await startSession()
    server.refuseAccessTokens()
    const responses = await Promise.all(Array.from({ length: count }, (_, at) => auth.fetch(`/${at}`)))
    expect(await Promise.all(responses.map(async (it) => (await it.json()).path))).toEqual(
      Array.from({ length: count }, (_, at) => `/${at}`),
    )
    expect(server.counts).toMatchObject({ tokenRequests: 1, api: { requests: 2 * count } })
    expect(all('refreshed')).toEqual([expect.objectContaining({ waiters: count, source: 'exchange', attempts: 1 })])
  })

  it('R3: one that is refused while the refresh is under way waits for it', async () => {
    const { auth, server } = await startSession()
    const api = server.holdApiRequests({ where: ({ url }) => url.endsWith('/late') })
    const late = auth.fetch('/late')
    await api.arrived()
    server.refuseAccessTokens()
    const token = server.holdTokenRequests()
    const early = auth.fetch('/early')
    await token.arrived()
    api.release()
    token.release()
    expect([(await late).status, (await early).status]).toEqual([200, 200])
    expect(server.counts.tokenRequests).toBe(1)
  })

  it('R3: one that is refused while a background refresh is under way waits for that', async () => {
    const { auth, server, clock } = await startSession()
    clock.shiftWallClock(seconds(250))
    const token = server.holdTokenRequests()
    expect((await auth.fetch('/x')).status).toBe(200)
    await token.arrived()
    server.refuseAccessTokens()
    const refused = auth.fetch('/y')
    token.release()
    expect((await refused).status).toBe(200)
    expect(server.counts.tokenRequests).toBe(1)
  })
})

describe('the second refusal', () => {
  it('R4: is handed to the caller as it is, and signs nobody out', async () => {
    const session = await startRecorded({ answer: (_, nth) => answering(401, `Bearer realm="${nth}"`, `body ${nth}`) })
    const response = await session.auth.fetch('/x')
    expect([response.status, response.headers.get('www-authenticate'), await response.text()]).toEqual([
      ...[401, 'Bearer realm="2"', 'body 2'],
    ])
    expect(authorizations(session)).toEqual([ours(1), ours(2)])
    expect(session.auth.state.status).toBe('signedIn')
    expect(session.said).not.toContain('unauthenticated')
  })

  it('R4: is the last one, also when the token has changed once more meanwhile', async () => {
    const session = await startRecorded({
      answer: async (_, nth) => {
        if (nth === 2) await session.auth.getAccessToken({ forceRefresh: true })
        return answering(401)
      },
    })
    expect((await session.auth.fetch('/x')).status).toBe(401)
    expect(authorizations(session)).toEqual([ours(1), ours(2)])
  })

  it('R4, S3: with signOutOnSecondRefusal it ends the session', async () => {
    const session = await startRecorded({ answer: () => answering(401), client: { signOutOnSecondRefusal: true } })
    const ended = session.next('unauthenticated')
    expect((await session.auth.fetch('/x?secret=1')).status).toBe(401)
    expect(await ended).toMatchObject({ reason: 'tokenRefused', url: `${apiOrigin}/v1/x` })
    expect(session.auth.state).toEqual({ status: 'signedOut', epoch: 2, reason: 'tokenRefused' })
    expect(session.all('signedOut')).toEqual([expect.objectContaining({ reason: 'tokenRefused', epoch: 1 })])
  })
})

describe('the cooldown', () => {
  /** What the resource server accepts from now on. */
  async function startPicky(client = {}) {
    const accepted = new Set<string | null>()
    let status = 401
    const session = await startRecorded({
      client,
      answer: ({ headers }) => (accepted.has(headers.get('authorization')) ? new Response('ok') : answering(status)),
    })
    return {
      ...session,
      accept: (n: number): unknown => accepted.add(ours(n)),
      refuseAll: (): void => accepted.clear(),
      otherwise: (answer: number): void => {
        status = answer
      },
      get: async (): Promise<number> => (await session.auth.fetch('/x')).status,
    }
  }

  it('R5: starts with a refused resend, and ends after refreshCooldownMs', async () => {
    const { get, refreshes, clock, sent } = await startPicky()
    await get()
    expect([refreshes(), sent.length]).toEqual([1, 2])
    await clock.advance(4_999)
    await get()
    expect([refreshes(), sent.length]).toEqual([1, 3])
    await clock.advance(1)
    await get()
    expect([refreshes(), sent.length]).toEqual([2, 5])
  })

  it.each([5_000, 20_000, 0])(
    'R5: of %i ms, against a server that refuses everything: one refresh for each',
    async (ms) => {
      const { get, refreshes, clock } = await startPicky({ refreshCooldownMs: ms })
      for (let second = 0; second < 60; second += 1) {
        await get()
        await get()
        await clock.advance(seconds(1))
      }
      expect(refreshes()).toBe(ms === 0 ? 120 : 60_000 / ms)
    },
  )

  it('R5: starts with a refresh whose token no resource server has accepted', async () => {
    const { get, auth, refreshes, clock } = await startPicky()
    await auth.getAccessToken({ forceRefresh: true })
    await clock.advance(4_999)
    expect(await get()).toBe(401)
    expect(refreshes()).toBe(1)
    await clock.advance(1)
    await get()
    expect(refreshes()).toBe(2)
  })

  it('R5: does not hold back where the token was accepted since: five expiries in a row, five refreshes', async () => {
    const { get, accept, refuseAll, refreshes, sent } = await startPicky()
    for (let n = 1; n <= 5; n += 1) {
      refuseAll()
      accept(n + 1)
      expect(await get()).toBe(200)
    }
    expect([refreshes(), sent.length]).toEqual([5, 10])
  })

  it.each([200, 204, 302, 400, 403, 404, 409, 422, 429])('R5: a %i has accepted the token', async (status) => {
    const { get, auth, otherwise, refreshes } = await startPicky()
    await auth.getAccessToken({ forceRefresh: true })
    otherwise(status)
    await get()
    otherwise(401)
    await get()
    expect(refreshes()).toBe(2)
  })

  it.each([500, 502, 503])('R5: a %i says nothing of the token', async (status) => {
    const { get, auth, otherwise, refreshes } = await startPicky()
    await auth.getAccessToken({ forceRefresh: true })
    otherwise(status)
    await get()
    otherwise(401)
    await get()
    expect(refreshes()).toBe(1)
  })

  it('R5: another token that was accepted says nothing of this one', async () => {
    let answer = (_: Response): void => {}
    const session = await startRecorded({
      answer: ({ url }) =>
        url.endsWith('/late')
          ? new Promise((resolve) => {
              answer = resolve
            })
          : answering(401),
    })
    const late = session.auth.fetch('/late')
    await session.auth.getAccessToken({ forceRefresh: true })
    answer(new Response('ok'))
    expect((await late).status).toBe(200)
    await session.auth.fetch('/x')
    expect(session.refreshes()).toBe(1)
  })

  it('R5: begins anew with each refused resend', async () => {
    const { get, refreshes, clock, auth } = await startPicky()
    await get()
    await clock.advance(4_000)
    // a request that was under way since before its refresh is refused twice, too
    const late = await Promise.all([auth.fetch('/a'), auth.fetch('/b')])
    expect(late.map(({ status }) => status)).toEqual([401, 401])
    expect(refreshes()).toBe(1)
  })

  it('R5: holds neither expiry nor forceRefresh back', async () => {
    const { get, auth, refreshes, clock, accept } = await startPicky()
    await get()
    await auth.getAccessToken({ forceRefresh: true })
    expect(refreshes()).toBe(2)
    clock.shiftWallClock(seconds(300))
    accept(4)
    expect(await get()).toBe(200)
    expect(refreshes()).toBe(3)
  })

  it('R5: tokens that the app sets came of no refresh', async () => {
    const { get, auth, refreshes } = await startPicky()
    await auth.setTokens(wireTokens(7))
    await get()
    expect(refreshes()).toBe(1)
    // nor was a resend refused with them
    await auth.setTokens(wireTokens(8))
    await get()
    expect(refreshes()).toBe(2)
  })

  it('R5: ends with a sign-in', async () => {
    const { get, auth, refreshes } = await startPicky()
    await get()
    await auth.signIn(wireTokens(9))
    await get()
    expect(refreshes()).toBe(2)
  })

  it('E7, R5: does not look at the wall clock', async () => {
    let refreshes = 0
    // their expiry nobody knows
    const refresh = () => {
      refreshes += 1
      return { access_token: `access-${refreshes + 1}`, refresh_token: 'refresh' }
    }
    const { get, clock } = await startPicky({ refresh })
    await get()
    clock.shiftWallClock(-seconds(3600))
    await clock.advance(4_999)
    await get()
    expect(refreshes).toBe(1)
    await clock.advance(1)
    await get()
    expect(refreshes).toBe(2)
  })
})

describe('a session without a refresh', () => {
  const nothingToRefreshWith: [string, object, object][] = [
    ['a refresher', { refresh: undefined }, wireTokens(1)],
    ['a refresh token', {}, { access_token: 'access-1' }],
  ]
  it.each(nothingToRefreshWith)(
    'S5: without %s a refused token ends the session at once',
    async (_, client, tokens) => {
      const session = await startRecorded({
        client,
        tokens: tokens as never,
        answer: () => answering(401, 'Bearer', 'no'),
      })
      const responses = await Promise.all([1, 2, 3].map((n) => session.auth.fetch(`/${n}?secret`)))
      expect(await Promise.all(responses.map((it) => it.text()))).toEqual(['no', 'no', 'no'])
      expect(session.sent).toHaveLength(3)
      expect(session.auth.state).toEqual({ status: 'signedOut', epoch: 2, reason: 'tokenRefused' })
      expect(session.auth.getTokens()).toBeUndefined()
      expect(session.all('signedOut')).toEqual([expect.objectContaining({ reason: 'tokenRefused', epoch: 1 })])
      expect(session.all('unauthenticated')).toEqual([
        expect.objectContaining({ reason: 'tokenRefused', url: `${apiOrigin}/v1/1` }),
      ])
    },
  )

  it.each([403, 500, 200])('S5: a %i ends nothing', async (status) => {
    const session = await startRecorded({ client: { refresh: undefined }, answer: () => answering(status) })
    await session.auth.fetch('/x')
    expect(session.auth.state.status).toBe('signedIn')
  })

  it('S5: an expired token is still sent: only the resource server knows', async () => {
    const session = await startRecorded({ client: { refresh: undefined } })
    session.clock.shiftWallClock(seconds(600))
    expect((await session.auth.fetch('/x')).status).toBe(200)
    expect(authorizations(session)).toEqual([ours(1)])
  })
})

describe('nobody signed in', () => {
  it('A7, S3: the request goes out without a token, and its 401 is the caller’s', async () => {
    const session = await startRecorded({ tokens: undefined, answer: () => answering(401, 'Bearer', 'who?') })
    const given = { method: 'POST', body: 'x' }
    const response = await session.auth.fetch('/x?secret=1', given)
    expect([response.status, await response.text()]).toEqual([401, 'who?'])
    expect(session.sent.map(({ init }) => init)).toEqual([given])
    expect(session.refreshes()).toBe(0)
    expect(session.all('unauthenticated')).toEqual([
      { name: 'unauthenticated', reason: 'noSession', url: `${apiOrigin}/v1/x`, at: session.clock.now(), epoch: 0 },
    ])
  })

  it.each([200, 403, 500])('A7: a %i without a session is no news', async (status) => {
    const session = await startRecorded({ tokens: undefined, answer: () => answering(status) })
    expect((await session.auth.fetch('/x')).status).toBe(status)
    expect(session.events).toEqual([])
  })

  it('A7: a request that would get no token anyway says nothing of the session', async () => {
    const session = await startRecorded({ tokens: undefined, answer: () => answering(401) })
    await session.auth.fetch('https://other.example/')
    await session.auth.fetch('/x', { authenticate: false })
    await session.auth.fetch('/x', { headers: { authorization: 'Basic b3du' } })
    expect(session.events).toEqual([])
  })
})

describe('a token that is withheld', () => {
  it('A8: is told once for each origin and reason', async () => {
    const session = await startRecorded({ client: { allowedOrigins: ['http://plain.example'] } })
    const own = { headers: { authorization: 'Basic b3du' } }
    for (let round = 0; round < 3; round += 1) {
      for (const url of ['https://other.example/a?secret', 'https://other.example/b', 'https://third.example:8443/'])
        await session.auth.fetch(url)
      await session.auth.fetch('http://plain.example/x')
      await session.auth.fetch('/x', own)
    }
    expect(session.events.slice(1)).toEqual(
      [
        ['https://other.example', 'origin'],
        ['https://third.example:8443', 'origin'],
        ['http://plain.example', 'insecure'],
        [apiOrigin, 'ownHeader'],
      ].map(([origin, reason]) => ({ name: 'tokenWithheld', origin, reason, at: session.clock.now(), epoch: 1 })),
    )
  })

  it('A8: one origin can have more than one reason', async () => {
    const session = await startRecorded({
      client: { dangerouslyAllowInsecureHttp: true, baseUrl: 'http://plain.example' },
    })
    await session.auth.fetch('/x', { headers: { authorization: 'Basic b3du' } })
    await session.auth.fetch('https://plain.example/')
    expect(session.all('tokenWithheld').map(({ origin, reason }) => [origin, reason])).toEqual([
      ['http://plain.example', 'ownHeader'],
      ['https://plain.example', 'origin'],
    ])
  })

  it('A8: where nobody is signed in there is none to withhold', async () => {
    const session = await startRecorded({ tokens: undefined })
    await session.auth.fetch('https://other.example/')
    expect(session.events).toEqual([])
  })

  it('A8: any number of origins takes bounded memory', async () => {
    const session = await startRecorded()
    for (let n = 0; n < 1_100; n += 1) await session.auth.fetch(`https://${n}.example/`)
    expect(session.all('tokenWithheld')).toHaveLength(1_000)
  })
})

describe('what the caller sees', () => {
  it('R6: a response is resolved whatever its status, its own object where nothing was held', async () => {
    const given = answering(401, 'Bearer error="insufficient_scope"', 'no')
    const { auth } = await startRecorded({ answer: () => given })
    expect(await auth.fetch('/x')).toBe(given)
  })

  it('R6: what fetch rejects with is untouched', async () => {
    const failure = new TypeError('fetch failed')
    const { auth } = await startRecorded({ client: { fetch: () => Promise.reject(failure) } })
    await expect(auth.fetch('/x')).rejects.toBe(failure)
    const throwing = await startRecorded({
      client: {
        fetch: () => {
          throw failure
        },
      },
    })
    await expect(throwing.auth.fetch('/x')).rejects.toBe(failure)
  })

  it('R6: a request that was never sent rejects with our error', async () => {
    const { auth, server, clock } = await startSession()
    server.faults.token.always({ status: 503 })
    clock.shiftWallClock(seconds(300))
    const request = outcome(auth.fetch('/x'))
    await clock.advance(seconds(10))
    expect(request.error).toMatchObject({
      name: 'RefreshUnavailableError',
      code: 'AUTH_REFRESH_UNAVAILABLE',
      status: 503,
    })
    expect(server.counts.api.requests).toBe(0)
  })

  it('R6: it is a fetch: bound, and never throws', async () => {
    const { auth } = await startRecorded()
    const { fetch } = auth
    expect((await fetch('/x')).status).toBe(200)
    const nowhere = await startRecorded({ client: { baseUrl: undefined } })
    const failed = nowhere.auth.fetch('/x')
    await expect(failed).rejects.toMatchObject({ code: 'AUTH_CONFIGURATION' })
  })
})

/** Node's own agent, with a pool of so many connections to one origin. */
async function poolOf(connections: number): Promise<typeof fetch> {
  await fetch('data:,')
  const agent: object = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'))
  const dispatcher: object = new (agent.constructor as new (options: object) => object)({ connections, pipelining: 1 })
  return (input, init) => fetch(input, { ...init, dispatcher } as RequestInit)
}

describe('requests that were refused, over a small pool of connections', () => {
  const bodies: [string, () => BodyInit][] = [
    ['small bodies', () => 'small'],
    ['bodies of 300 KB', () => 'x'.repeat(300_000)],
    ['bodies that do not end', () => endlessBody()],
  ]
  it.each(bodies)('R7: with %s leave them to the refresh', async (_, body) => {
    const session = await startSession({
      sockets: true,
      server: { challenge: () => new Response(body(), { status: 401 }) },
      client: { fetch: await poolOf(2), refreshRetries: 0 },
    })
    const { auth, server } = session
    server.refuseAccessTokens()
    const responses = await Promise.all(Array.from({ length: 10 }, (_, at) => auth.fetch(`/${at}`)))
    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect(server.counts.tokenRequests).toBe(1)
  })

  it('R7: with bodies that hang are cut off for it', async () => {
    const { auth, server } = await startSession({
      sockets: true,
      server: { challenge: () => new Response(hangingBody(), { status: 401 }) },
      client: { fetch: await poolOf(1) },
    })
    server.refuseAccessTokens()
    expect((await auth.fetch('/x')).status).toBe(200)
  })

  it('R7: and are handed out have status, headers, url and 64 KB of their body', async () => {
    const headers = { 'x-own': '1', 'www-authenticate': 'Bearer', 'content-type': 'text/plain' }
    const session = await startSession({
      sockets: true,
      server: { challenge: () => new Response('x'.repeat(300_000), { status: 401, headers }) },
      client: { fetch: await poolOf(2) },
    })
    session.server.refuseAccessTokens()
    session.server.faults.token.always({ oauthError: 'invalid_grant' })
    const responses = await Promise.all(Array.from({ length: 10 }, (_, at) => session.auth.fetch(`/${at}`)))
    for (const [at, response] of responses.entries()) {
      expect([response.status, response.url]).toEqual([401, `${session.baseUrl}/${at}`])
      expect(Object.fromEntries(response.headers)).toMatchObject(headers)
      expect(await response.text()).toBe('x'.repeat(64 * 1024))
    }
  })

  const encoder = new TextEncoder()
  const endlessBody = (): ReadableStream =>
    new ReadableStream({ pull: (controller) => controller.enqueue(encoder.encode('x'.repeat(10_000))) })
  const hangingBody = (): ReadableStream =>
    new ReadableStream({ start: (controller) => controller.enqueue(encoder.encode('begun')) })
})

/** The authorizer asked without any transport. */
describe('authorize and reauthorize', () => {
  const request = (url: string): RequestFacts => ({ url, method: 'GET', header: () => undefined, resendable: true })
  const response = (status: number): ResponseFacts => ({ status, header: () => undefined, text: async () => undefined })

  it('R4: answer at once while nothing has to wait', async () => {
    const { auth } = await startRecorded()
    const sent = auth.authorize(request(`${apiOrigin}/x`))
    expect(sent).toMatchObject({ headers: [['authorization', ours(1)]] })
    if (!sent || sent instanceof Promise) throw new Error('at once')
    expect(auth.reauthorize(sent, request(`${apiOrigin}/x`), response(200))).toBeUndefined()
    const again = await auth.reauthorize(sent, request(`${apiOrigin}/x`), response(401))
    if (!again) throw new Error('sent again')
    expect(again.headers).toEqual([['authorization', ours(2)]])
    expect(auth.reauthorize(again, request(`${apiOrigin}/x`), response(401))).toBeUndefined()
  })

  it('F9: what was sent in a session before is not sent again in this one', async () => {
    const session = await startRecorded()
    const { auth } = session
    const sent = await auth.authorize(request(`${apiOrigin}/x`))
    await auth.signIn(wireTokens(7))
    if (!sent) throw new Error('with a token')
    expect(await auth.reauthorize(sent, request(`${apiOrigin}/x`), response(401))).toBeUndefined()
    expect([session.refreshes(), auth.state.status]).toEqual([0, 'signedIn'])
  })
})

it('A7: a refresher that needs a cookie alone is asked without a token in reach', async () => {
  const session = await startSession({
    user: undefined,
    client: {
      refreshWithoutToken: true,
      refresh: (context: RefreshContext) => refreshByForm({ ...context, refreshToken }),
    } as object,
  })
  const { refresh_token: refreshToken = '' } = session.server.signIn()
  expect((await session.auth.fetch('/x')).status).toBe(200)
  expect(session.server.counts).toMatchObject({ refreshes: 1, api: { requests: 1 } })
})
