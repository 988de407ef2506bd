import { describe, expect, it } from 'vitest'
import { createAuthClient, memoryStorage, type TokenflightError } from '../src'
import { checkOptions } from '../src/core/check-options'
import { fakeClock } from '../src/testing'
import { wireTokens } from './support/start-session'

const make = (options: unknown) => (): unknown => createAuthClient(options as never)

/** What making a client with these options throws. */
function refusal(options: unknown): TokenflightError {
  try {
    make(options)()
  } catch (error) {
    return error as TokenflightError
  }
  throw new Error('it is made')
}

describe('createAuthClient', () => {
  const noFunction = [true, 'x', {}, null]
  const noBoolean = ['true', 1, null]
  const noDuration = [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '1000', null]
  const wrong: Record<string, readonly unknown[]> = {
    baseUrl: [
      1,
      null,
      {},
      'api.example.com',
      '',
      'https://',
      'ftp://api.example.com',
      'https://user:x@api.example.com',
    ],
    allowedOrigins: [
      'https://a.example',
      null,
      [1],
      ['a.example'],
      ['*'],
      ['https://*.example'],
      ['https://a.example/x'],
      ['null'],
    ],
    dangerouslyAllowInsecureHttp: noBoolean,
    header: ['', 'a b', 'a:', 'ü', 'a\r\nb', 1, null],
    scheme: ['a b', 'Bearer ', 'a\r\n', 1, null],
    authenticate: noFunction,
    isTokenRefused: noFunction,
    signOutOnSecondRefusal: noBoolean,
    storage: [null, 'memory', {}, { read() {} }, { write() {} }, () => {}],
    refresh: noFunction,
    refreshWithoutToken: noBoolean,
    refreshAheadMs: noDuration,
    minValidityMs: noDuration,
    refreshTimeoutMs: [...noDuration, 0],
    refreshRetries: [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null],
    refreshCooldownMs: noDuration,
    rejectedStatuses: [401, '401', [4.5], ['401'], [200], [500], null],
    keepFresh: noBoolean,
    wakeEvents: noFunction,
    revoke: noFunction,
    endSessionUrl: [1, true, {}, null],
    fetch: noFunction,
    clock: [{}, null, { now: () => 0 }, { now: () => 0, monotonic: () => 0 }],
    random: noFunction,
    onError: noFunction,
  }
  const each = Object.entries(wrong).flatMap(([name, values]) =>
    values.map((value): [string, unknown] => [name, value]),
  )
  it.each(each)('S1: refuses %s: %o, and names the option', (name, value) => {
    const error = refusal({ [name]: value })
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'AUTH_CONFIGURATION', retryable: false })
    expect(error.message).toContain(name)
  })

  it('S1: checks every option there is', () => {
    const known: string[] = []
    checkOptions(
      new Proxy(
        {},
        {
          get(_, name) {
            known.push(String(name))
            return undefined
          },
        },
      ),
    )
    expect(new Set(known)).toEqual(new Set(Object.keys(wrong)))
  })

  it('S1: takes an option that is undefined for one that is left out', async () => {
    const all = Object.fromEntries(Object.keys(wrong).map((name) => [name, undefined]))
    expect(make(all)).not.toThrow()
    const sent: unknown[] = []
    const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
      sent.push(init?.headers)
      return new Response('ok')
    }
    const auth = createAuthClient({ ...all, baseUrl: 'https://api.example.com', fetch } as never)
    await auth.signIn(wireTokens(1))
    await auth.fetch('/x')
    expect(sent).toEqual([{ authorization: 'Bearer access-1' }])
  })

  it.each(['baseURL', 'BaseUrl', 'timeoutms', 'refreshtimeoutms', 'onerror', 'allowedorigins'])(
    'S1: says how %s is written, where it is an option',
    (name) => {
      if (name === 'timeoutms') expect(make({ [name]: 1 })).not.toThrow()
      else expect(refusal({ [name]: 'x' }).message).toMatch(new RegExp(`${name}.*write \\w+`))
    },
  )

  it.each([null, 'https://api.example.com', 1])('S1: refuses %o instead of options', (options) => {
    expect(refusal(options).code).toBe('AUTH_CONFIGURATION')
  })

  it('S6: refuses refreshWithoutToken without a refresher', () => {
    expect(refusal({ refreshWithoutToken: true }).message).toContain('refresh')
  })

  const right: [string, object][] = [
    ['no options', {}],
    [
      'the shortest durations',
      { refreshAheadMs: 0, minValidityMs: 0, refreshCooldownMs: 0, refreshTimeoutMs: 1, refreshRetries: 0 },
    ],
    ['the longest durations', { refreshAheadMs: 2 ** 31 - 1, refreshTimeoutMs: 2 ** 31 - 1 }],
    ['a URL as baseUrl', { baseUrl: new URL('https://api.example.com') }],
    ['a path as baseUrl, on a server', { baseUrl: '/api' }],
    [
      'origins in any case and with ports',
      { allowedOrigins: ['HTTPS://Files.Example.com:8443', 'http://localhost:3000'] },
    ],
    ['no scheme', { header: 'X-Token', scheme: '' }],
    ['no statuses that reject', { rejectedStatuses: [] }],
    ['an option nobody knows', { mine: 1 }],
  ]
  it.each(right)('S1: takes %s', (_, options) => {
    expect(make(options)).not.toThrow()
  })

  it('S1: leaves the options it was given alone', () => {
    const options = Object.freeze({
      baseUrl: 'https://api.example.com',
      refresh: undefined,
      allowedOrigins: Object.freeze([]),
    })
    expect(make(options)).not.toThrow()
  })

  const bases: [object, string | undefined][] = [
    [{ baseUrl: 'https://API.example.com:443/v1' }, 'https://api.example.com/v1'],
    [{ baseUrl: '/api' }, undefined],
    [{}, undefined],
  ]
  it.each(bases)('A9: with %o its baseUrl is %s', (options, expected) => {
    expect(createAuthClient(options).baseUrl).toBe(expected)
  })

  it('X2: keeps the session in memory, and shares it with nobody', async () => {
    const [one, other] = [createAuthClient(), createAuthClient()]
    await one.signIn(wireTokens(1))
    expect(other.state.status).toBe('signedOut')
    expect(createAuthClient().getTokens()).toBeUndefined()
    expect(memoryStorage().read()).toBeUndefined()
  })

  it('A9: importing and making it asks nobody for anything', async () => {
    let asked = 0
    const fetch = async (): Promise<Response> => {
      asked += 1
      return new Response('ok')
    }
    const clock = fakeClock()
    createAuthClient({ fetch, clock, baseUrl: 'https://api.example.com', refreshWithoutToken: true, refresh: fetch })
    await clock.advance(60_000)
    expect(asked).toBe(0)
  })
})
