import axios, { AxiosError } from 'axios'
import fc from 'fast-check'
import ky from 'ky'
import ky2 from 'ky-2'
import { createFetch } from 'ofetch'
import { describe, expect, it } from 'vitest'
import { describeThrown, judgeThrown } from '../../src/core/judge-thrown'
import { ConfigurationError } from '../../src/errors/configuration-error'
import { InteractionRequiredError } from '../../src/errors/interaction-required-error'
import { InvalidTokenError } from '../../src/errors/invalid-token-error'
import { RefreshMisconfiguredError } from '../../src/errors/refresh-misconfigured-error'
import { RefreshRejectedError } from '../../src/errors/refresh-rejected-error'
import { RefreshUnavailableError } from '../../src/errors/refresh-unavailable-error'
import { StorageError } from '../../src/errors/storage-error'
import { UnauthenticatedError } from '../../src/errors/unauthenticated-error'

const now = 1_700_000_000_000
const context = { sentAt: now, now, rejectedStatuses: [400, 401] }
const judge = async (error: unknown) => {
  const facts = describeThrown(error)
  return judgeThrown(facts.response ? { ...facts, body: await facts.response.text() } : facts, context)
}
const thrownBy = (task: () => unknown) =>
  Promise.resolve()
    .then(task)
    .then(
      () => Promise.reject(new Error('expected it to throw')),
      (error: unknown) => error,
    )

const answer = (status: number, body: unknown) => async () =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', 'retry-after': '7' } })

const clients: [name: string, request: (status: number, body: unknown) => unknown][] = [
  ['axios', (status, body) => axios.get('https://a', { adapter: 'fetch', env: { fetch: answer(status, body) } })],
  ['ky', (status, body) => ky('https://a', { fetch: answer(status, body), retry: 0 })],
  ['ky 2', (status, body) => ky2('https://a', { fetch: answer(status, body), retry: 0 })],
  ['ofetch', (status, body) => createFetch({ fetch: answer(status, body) })('https://a', { retry: 0 })],
  [
    'a thrown Response',
    async (status, body) => {
      throw await answer(status, body)()
    },
  ],
  [
    'got',
    (status, body) => {
      throw Object.assign(new Error('x'), {
        code: 'ERR_NON_2XX_3XX_RESPONSE',
        response: { statusCode: status, headers: { 'retry-after': '7' }, body: JSON.stringify(body) },
      })
    },
  ],
  [
    'Angular',
    (status, body) => {
      throw { name: 'HttpErrorResponse', status, error: body, headers: new Headers({ 'retry-after': '7' }) }
    },
  ],
]

describe.each(clients)('describeThrown, of %s', (_, request) => {
  it.each<[status: number, body: unknown, expected: object]>([
    [401, {}, { kind: 'rejected' }],
    [
      400,
      { error: 'invalid_grant' },
      { kind: 'rejected', error: expect.objectContaining({ oauthError: 'invalid_grant' }) },
    ],
    [400, { error: 'interaction_required' }, { kind: 'interactionRequired' }],
    [401, { error: 'invalid_client' }, { kind: 'misconfigured' }],
    [404, {}, { kind: 'misconfigured' }],
    [429, {}, { kind: 'unavailable', answered: true, retryAfterMs: 7_000 }],
    [503, { error: 'invalid_grant' }, { kind: 'unavailable', answered: true, retryAfterMs: 7_000 }],
  ])('F11: a %i with %o', async (status, body, expected) => {
    const outcome = await judge(await thrownBy(() => request(status, body)))
    expect(outcome).toMatchObject({ ...expected, error: expect.objectContaining({ status }) })
  })
})

describe('judgeThrown', () => {
  it.each<[name: string, thrown: unknown, expected: object]>([
    [
      'MSAL',
      Object.assign(new Error('x'), { name: 'InteractionRequiredAuthError', errorCode: 'login_required' }),
      { kind: 'interactionRequired', error: { oauthError: 'login_required' } },
    ],
    ['Auth0', { error: 'consent_required', error_description: 'x' }, { kind: 'interactionRequired' }],
    [
      'oauth4webapi',
      { name: 'ResponseBodyError', code: 'OAUTH_RESPONSE_BODY_ERROR', error: 'invalid_grant', status: 400 },
      { kind: 'rejected', error: { status: 400, oauthError: 'invalid_grant' } },
    ],
    [
      'openid-client',
      { name: 'OPError', error: 'invalid_client', response: { statusCode: 401 } },
      { kind: 'misconfigured', error: { status: 401 } },
    ],
    ['an error with a code', { code: 'invalid_grant' }, { kind: 'rejected' }],
    [
      'the first code that is known',
      { error: 'x', errorCode: 'y', code: 'login_required' },
      { kind: 'interactionRequired' },
    ],
    ['a code under a 5xx', { code: 'invalid_grant', status: 502 }, { kind: 'unavailable', answered: true }],
    ['an error with a status', { statusCode: 401 }, { kind: 'rejected' }],
    [
      'a body in bytes',
      { response: { status: 400, data: Buffer.from('{"error":"login_required"}') } },
      { kind: 'interactionRequired' },
    ],
    [
      'a page in bytes',
      { response: { status: 400, data: new TextEncoder().encode('<!doctype html><p>down').buffer } },
      { kind: 'unavailable', answered: true },
    ],
    [
      'a network error',
      new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }),
      {
        kind: 'unavailable',
        answered: false,
        error: { code: 'AUTH_REFRESH_UNAVAILABLE', cause: { name: 'TypeError', code: 'ECONNREFUSED' } },
      },
    ],
    ['an AxiosError without an answer', new AxiosError('x', 'ECONNABORTED'), { kind: 'unavailable', answered: false }],
    ['an opaque status', { status: 0 }, { kind: 'unavailable', answered: false }],
    ['nothing', undefined, { kind: 'unavailable', answered: false }],
    ['a string', 'invalid_grant', { kind: 'unavailable', answered: false }],
  ])('F11: %s', async (_, thrown, expected) => {
    expect(await judge(thrown)).toMatchObject(expected)
  })

  it('F11: an HTML page, thrown', async () => {
    const response = { status: 401, headers: { 'content-type': 'text/html' }, data: '<html></html>' }
    expect(await judge({ response })).toMatchObject({ kind: 'unavailable', answered: true })
    const page = new Response('<!doctype html>', { status: 401 })
    expect(await judge(page)).toMatchObject({ kind: 'unavailable', answered: true })
  })

  it('F11: an answer whose body was read elsewhere is judged by its status', async () => {
    const response = new Response('<!doctype html>', { status: 401 })
    await response.text()
    expect(describeThrown({ response })).toMatchObject({ status: 401, body: '', response: undefined })
  })

  const own = [
    { thrown: new RefreshRejectedError('x'), kind: 'rejected' },
    { thrown: new InteractionRequiredError('x'), kind: 'interactionRequired' },
    { thrown: new RefreshMisconfiguredError('x'), kind: 'misconfigured' },
    { thrown: new ConfigurationError('x'), kind: 'misconfigured' },
    { thrown: new RefreshUnavailableError('x', { status: 429, retryAfterMs: 5 }), kind: 'unavailable' },
  ]
  it.each(own)('F11: our own $thrown.code is $kind, also wrapped', async ({ thrown, kind }) => {
    for (const error of [
      thrown,
      new Error('x', { cause: thrown }),
      Object.assign(new AxiosError('x'), { cause: thrown, status: 500 }),
    ]) {
      const outcome = await judge(error)
      expect(outcome).toMatchObject({ kind })
      expect(outcome).toHaveProperty('error', thrown)
    }
  })

  it('F5: our own errors that say nothing of the refresh are unavailable', async () => {
    for (const error of [
      new UnauthenticatedError('x'),
      new StorageError('x'),
      new InvalidTokenError('x'),
      new RefreshUnavailableError('x'),
    ]) {
      expect(await judge(error)).toMatchObject({
        kind: 'unavailable',
        answered: false,
        error: { code: 'AUTH_REFRESH_UNAVAILABLE' },
      })
    }
    expect(await judge(new RefreshUnavailableError('x', { status: 429, retryAfterMs: 5 }))).toMatchObject({
      answered: true,
      retryAfterMs: 5,
    })
  })

  it('X1: keeps nothing of what was thrown but name, code and status', async () => {
    const thrown = Object.assign(new Error('s3cret'), {
      config: { headers: { authorization: 's3cret' } },
      response: { status: 418, data: 's3cret', headers: { 'set-cookie': 's3cret' } },
    })
    const outcome = await judge(thrown)
    expect(
      outcome.kind === 'unavailable' &&
        [outcome.error.message, JSON.stringify(outcome), JSON.stringify(outcome.error.cause)].join(),
    ).not.toContain('s3cret')
  })

  it('X3: survives whatever is thrown', async () => {
    const cyclic: Record<string, unknown> = { status: 401 }
    cyclic['response'] = cyclic
    cyclic['cause'] = cyclic
    cyclic['data'] = cyclic
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const boom = () => {
      throw new Error('boom')
    }
    const traps = new Proxy({}, { get: boom, has: boom, ownKeys: boom, getPrototypeOf: boom })
    for (const error of [
      cyclic,
      proxy,
      traps,
      { response: proxy, headers: traps, data: traps },
      { status: 400, headers: { get: boom }, data: { toJSON: boom } },
    ]) {
      expect(['unavailable', 'rejected']).toContain((await judge(error)).kind)
    }
    fc.assert(
      fc.property(
        fc.object({
          key: fc.constantFrom(
            'response',
            'status',
            'headers',
            'get',
            'data',
            'error',
            'code',
            'cause',
            'text',
            'bodyUsed',
          ),
        }),
        (error) => {
          judgeThrown(describeThrown(error), context)
        },
      ),
    )
  })
})
