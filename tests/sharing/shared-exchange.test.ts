import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RefreshOutcome } from '../../src/core/refresh-outcome'
import type { TokenNeed, TokenSet } from '../../src/core/token-set'
import { RefreshMisconfiguredError } from '../../src/errors/refresh-misconfigured-error'
import { RefreshRejectedError } from '../../src/errors/refresh-rejected-error'
import { RefreshUnavailableError } from '../../src/errors/refresh-unavailable-error'
import type { ExchangeRequest, RefreshExchange } from '../../src/session/refresh-exchange'
import { memoryGraceStore } from '../../src/sharing/grace-store'
import { shareExchange } from '../../src/sharing/shared-exchange'
import { type RedisClient, redisGraceStore } from '../../src/storages/redis'
import { type RedisServer, startRedis } from '../support/redis-server'

const set = (n: number): TokenSet => ({ accessToken: `access-${n}`, refreshToken: `refresh-${n}` })
const request = (tokens: TokenSet | undefined, need: TokenNeed = {}): ExchangeRequest => ({
  tokens,
  trigger: 'expired',
  superseded: async () => false,
  ...need,
})
const refreshed = (tokens: TokenSet): RefreshOutcome => ({ kind: 'refreshed', tokens, attempts: 1 })
const unavailable: RefreshOutcome = {
  kind: 'unavailable',
  answered: true,
  error: new RefreshUnavailableError('outage'),
}
const rejected: RefreshOutcome = {
  kind: 'rejected',
  error: new RefreshRejectedError('no', { status: 400, oauthError: 'invalid_grant' }),
}
/** An exchange that rotates: `refresh-1` gives `refresh-2`. */
const rotating = () =>
  vi.fn<RefreshExchange>(async ({ tokens }) => refreshed(set(Number(tokens?.refreshToken?.split('-')[1]) + 1)))
const tokensOf = (outcome: RefreshOutcome): TokenSet | string =>
  outcome.kind === 'refreshed' ? outcome.tokens : outcome.kind

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe('requests that come together', () => {
  it('H5: with one refresh token share one exchange', async () => {
    const ask = rotating()
    const { exchange } = shareExchange(ask)
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => exchange(request(set(1)))))
    expect(ask).toHaveBeenCalledTimes(1)
    expect(outcomes.map(tokensOf)).toEqual(Array(50).fill(set(2)))
  })

  it('F1: with other needs come one after another, each with the refresh token that came of the one before', async () => {
    let running = 0
    const ask = vi.fn<RefreshExchange>(async ({ tokens, resource, claims }) => {
      running += 1
      expect(running).toBe(1)
      await Promise.resolve()
      running -= 1
      const next = set(Number(tokens?.refreshToken?.split('-')[1]) + 1)
      return refreshed({ ...next, accessToken: `access-${resource}-${claims}` })
    })
    const { exchange } = shareExchange(ask)
    const needs = [{}, { resource: 'a' }, { claims: 'a' }, { resource: 'b', claims: 'a' }]
    const outcomes = await Promise.all([...needs, ...needs].map((need) => exchange(request(set(1), need))))
    const used = ask.mock.calls.map(([{ tokens }]) => tokens?.refreshToken)
    expect(used).toEqual(['refresh-1', 'refresh-2', 'refresh-3', 'refresh-4'])
    const got = outcomes.map((outcome) => outcome.kind === 'refreshed' && outcome.tokens.accessToken)
    expect(got.slice(0, 4)).toEqual(needs.map(({ resource, claims }: TokenNeed) => `access-${resource}-${claims}`))
    expect(got.slice(4)).toEqual(got.slice(0, 4))
    const late = await exchange(request(set(1)))
    expect(tokensOf(late)).toEqual({ accessToken: 'access-undefined-undefined', refreshToken: 'refresh-5' })
  })

  it('with other refresh tokens have exchanges of their own, at once', async () => {
    const all = gate()
    let running = 0
    const { exchange } = shareExchange(async ({ tokens }) => {
      running += 1
      if (running === 3) all.open()
      await all.opened
      return refreshed({ accessToken: `of-${tokens?.refreshToken}` })
    })
    const outcomes = await Promise.all([1, 2, 3].map((n) => exchange(request(set(n)))))
    expect(outcomes.map(tokensOf)).toEqual([1, 2, 3].map((n) => ({ accessToken: `of-refresh-${n}` })))
  })

  it('S6: without a refresh token have nothing to be known by', async () => {
    const ask = vi.fn<RefreshExchange>(async () => refreshed(set(1)))
    const { exchange } = shareExchange(ask)
    await Promise.all([exchange(request(undefined)), exchange(request({ accessToken: 'a' }))])
    expect(ask).toHaveBeenCalledTimes(2)
  })
})

describe('recall', () => {
  it('H5: knows nothing of a refresh token that was not used, and asks nobody', async () => {
    const ask = rotating()
    const { recall } = shareExchange(ask)
    expect(await recall({ tokens: set(1) })).toBeUndefined()
    expect(await recall({ tokens: { accessToken: 'a' } })).toBeUndefined()
    expect(ask).not.toHaveBeenCalled()
  })

  it('H5: gives the newest tokens of its session, and nothing to who has them', async () => {
    const ask = rotating()
    const { exchange, recall } = shareExchange(ask)
    for (const n of [1, 2]) await exchange(request(set(n)))
    expect(tokensOf((await recall({ tokens: set(1) })) ?? unavailable)).toEqual(set(3))
    expect(await recall({ tokens: set(3) })).toBeUndefined()
    expect(await recall({ tokens: set(1), resource: 'another' })).toBeUndefined()
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('H5: waits for an exchange that is under way here', async () => {
    const [started, answered] = [gate(), gate()]
    const { exchange, recall } = shareExchange(async () => {
      started.open()
      await answered.opened
      return refreshed(set(2))
    })
    const asked = exchange(request(set(1)))
    await started.opened
    const recalled = recall({ tokens: set(1) })
    answered.open()
    expect(await recalled).toBe(await asked)
  })

  it('H5: tells a sign-out from a refusal', async () => {
    const { exchange, recall, forget } = shareExchange(async () => rejected)
    await exchange(request(set(1)))
    expect(await recall({ tokens: set(1) })).toMatchObject({ kind: 'rejected', error: { oauthError: 'invalid_grant' } })
    expect(await recall({ tokens: set(1) })).not.toHaveProperty('ended')
    await forget('refresh-9')
    expect(await recall({ tokens: set(9) })).toMatchObject({ kind: 'rejected', ended: true })
  })

  it('F3: says nothing while the store is away, or does not answer', async () => {
    const store = memoryGraceStore()
    const away = shareExchange(rotating(), { store: { ...store, get: () => Promise.reject(new Error('away')) } })
    expect(await away.recall({ tokens: set(1) })).toBeUndefined()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const asked = gate()
    const silent = shareExchange(rotating(), {
      store: {
        ...store,
        get: () => {
          asked.open()
          return new Promise(() => {})
        },
      },
    })
    const recalled = silent.recall({ tokens: set(1) })
    await asked.opened
    vi.runAllTimers()
    expect(await recalled).toBeUndefined()
    vi.useRealTimers()
  })
})

describe('a request that comes late', () => {
  it('H5: gets the same tokens for the grace time, and no longer', async () => {
    let now = 1_700_000_000_000
    const ask = rotating()
    const { exchange } = shareExchange(ask, { graceMs: 1_000, now: () => now })
    await exchange(request(set(1)))
    now += 999
    expect(tokensOf(await exchange(request(set(1))))).toEqual(set(2))
    expect(ask).toHaveBeenCalledTimes(1)
    now += 1
    await exchange(request(set(1)))
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('H5: gets the newest tokens of its session, not those that were rotated away since', async () => {
    const ask = rotating()
    const { exchange } = shareExchange(ask)
    for (const n of [1, 2, 3]) await exchange(request(set(n)))
    expect(tokensOf(await exchange(request(set(1))))).toEqual(set(4))
    expect(ask).toHaveBeenCalledTimes(3)
  })

  it('F4: with another need is told the refresh token that is in use, also when the answer names none', async () => {
    const { exchange } = shareExchange(async ({ tokens, resource }) =>
      refreshed(resource === undefined ? set(2) : { accessToken: `of-${resource}-by-${tokens?.refreshToken}` }),
    )
    await exchange(request(set(1)))
    expect(tokensOf(await exchange(request(set(1), { resource: 'a' })))).toEqual({
      accessToken: 'of-a-by-refresh-2',
      refreshToken: 'refresh-2',
    })
  })

  it('F6: is rejected as the first one was, without asking', async () => {
    const ask = vi.fn<RefreshExchange>(async () => rejected)
    const { exchange } = shareExchange(ask)
    await exchange(request(set(1)))
    const error = { code: 'AUTH_REFRESH_REJECTED', oauthError: 'invalid_grant', status: 400 }
    expect(await exchange(request(set(1)))).toMatchObject({ kind: 'rejected', error })
    expect(ask).toHaveBeenCalledTimes(1)
  })

  it.each<RefreshOutcome>([unavailable, { kind: 'misconfigured', error: new RefreshMisconfiguredError('x') }])(
    'F5: asks again after an outcome that can change: $kind',
    async (outcome) => {
      const ask = vi.fn<RefreshExchange>(async () => outcome)
      const { exchange } = shareExchange(ask)
      await exchange(request(set(1)))
      await exchange(request(set(1)))
      expect(ask).toHaveBeenCalledTimes(2)
    },
  )

  it('E6: that has the kept access token already needs a newer one, where refresh tokens do not rotate', async () => {
    let count = 1
    const ask = vi.fn<RefreshExchange>(async () => {
      count += 1
      return refreshed({ accessToken: `access-${count}` })
    })
    const { exchange } = shareExchange(ask)
    const withAccess = (n: number) => exchange(request({ accessToken: `access-${n}`, refreshToken: 'lasting' }))
    expect(tokensOf(await withAccess(1))).toEqual({ accessToken: 'access-2' })
    expect(tokensOf(await withAccess(2))).toEqual({ accessToken: 'access-3' })
    expect(tokensOf(await withAccess(1))).toEqual({ accessToken: 'access-3' })
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('F2: gets the tokens that arrived after the time was up', async () => {
    const arrived = gate()
    const late = arrived.opened.then(() => refreshed(set(2)))
    const ask = vi.fn<RefreshExchange>(async () => ({ ...unavailable, late }) as RefreshOutcome)
    const { exchange } = shareExchange(ask)
    const first = await exchange(request(set(1)))
    arrived.open()
    if (first.kind !== 'unavailable') throw new Error('unreachable')
    expect(await first.late).toEqual(refreshed(set(2)))
    expect(tokensOf(await exchange(request(set(1))))).toEqual(set(2))
    expect(ask).toHaveBeenCalledTimes(1)
  })
})

describe('forget', () => {
  it('H5: a sign-out refuses the token and gives nobody what was kept, for the grace time', async () => {
    let now = 1_700_000_000_000
    const ask = rotating()
    const { exchange, forget } = shareExchange(ask, { graceMs: 1_000, now: () => now })
    await exchange(request(set(1)))
    await forget('refresh-1')
    expect(tokensOf(await exchange(request(set(1))))).toBe('rejected')
    expect(ask).toHaveBeenCalledTimes(1)
    now += 1_000
    await exchange(request(set(1)))
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('F9: a sign-out is not undone by a late request with a cookie from before', async () => {
    const ask = rotating()
    const { exchange, forget } = shareExchange(ask)
    for (const n of [1, 2, 3]) await exchange(request(set(n)))
    await forget('refresh-4')
    for (const n of [1, 2, 3, 4]) expect(tokensOf(await exchange(request(set(n))))).toBe('rejected')
    expect(ask).toHaveBeenCalledTimes(3)
  })

  it('F9: nor by one with a cookie that is newer than the sign-out’s', async () => {
    const { exchange, forget } = shareExchange(rotating())
    for (const n of [1, 2, 3]) await exchange(request(set(n)))
    await forget('refresh-1')
    for (const n of [1, 2, 3, 4]) expect(tokensOf(await exchange(request(set(n))))).toBe('rejected')
  })

  it('F9: an exchange that was under way is thrown away', async () => {
    const [asked, answered] = [gate(), gate()]
    const { exchange, forget } = shareExchange(async () => {
      asked.open()
      await answered.opened
      return refreshed(set(2))
    })
    const first = exchange(request(set(1)))
    await asked.opened
    await forget('refresh-1')
    answered.open()
    expect(tokensOf(await first)).toBe('rejected')
    expect(tokensOf(await exchange(request(set(2))))).toBe('rejected')
  })

  it('H5: another session is not touched', async () => {
    const { exchange, forget } = shareExchange(rotating())
    await exchange(request(set(1)))
    await forget('refresh-7')
    expect(tokensOf(await exchange(request(set(1))))).toEqual(set(2))
  })
})

describe('the store', () => {
  it.each([
    '',
    'null',
    '[]',
    '{',
    '{"of":1}',
    '{"tokens":[["",{"accessToken":"evil"}]]}',
    '{"of":"another","tokens":[["",{"accessToken":"evil"}]]}',
    '{"of":"OF","tokens":[["",{"accessToken":1}],null,[],["",null]]}',
    '{"of":"OF","tokens":{"":{"accessToken":"evil"}},"next":1,"rejected":true}',
    '{"of":"OF","__proto__":{"tokens":[["",{"accessToken":"evil"}]]}}',
  ])('X3: %j in it counts as nothing', async (text) => {
    const memory = memoryGraceStore()
    const get = (key: string) => (key.endsWith(':kept') ? text.replace('OF', key.split(':')[0] ?? '') : undefined)
    const ask = rotating()
    expect(tokensOf(await shareExchange(ask, { store: { ...memory, get } }).exchange(request(set(1))))).toEqual(set(2))
  })

  it('F3: where it is away nothing is exchanged, and nobody is signed out', async () => {
    const away = async (): Promise<never> => {
      throw Object.assign(new Error('refresh-1'), { code: 'ECONNREFUSED' })
    }
    const ask = rotating()
    const { exchange } = shareExchange(ask, { store: { get: away, set: away, delete: away, lock: away } })
    const outcome = await exchange(request(set(1)))
    expect(outcome).toMatchObject({ kind: 'unavailable', error: { retryable: true, cause: { code: 'ECONNREFUSED' } } })
    expect(ask).not.toHaveBeenCalled()
  })

  it('F4: tokens that it does not take are used all the same', async () => {
    const full = (): never => {
      throw new Error('full')
    }
    const { exchange } = shareExchange(rotating(), { store: { ...memoryGraceStore(), set: full } })
    expect(tokensOf(await exchange(request(set(1))))).toEqual(set(2))
  })

  it('keeps nothing longer than it was told, in memory', () => {
    let now = 0
    const store = memoryGraceStore(() => now)
    store.set('a', '1', 10)
    store.set('b', '2', 20)
    now = 10
    expect([store.get('a'), store.get('b')]).toEqual([undefined, '2'])
    store.set('b', '3', 20)
    now = 29
    expect(store.get('b')).toBe('3')
    store.delete('b')
    expect(store.get('b')).toBeUndefined()
  })
})

describe('among processes on one Redis', () => {
  const secret = 'a-secret-of-at-least-thirty-two-characters'
  const clients: { destroy(): void }[] = []
  let server: RedisServer

  async function connect() {
    const client = createClient({ url: server.url })
    client.on('error', () => {})
    await client.connect()
    clients.push(client)
    return client
  }
  const start = async (ask: RefreshExchange, now = Date.now) =>
    shareExchange(ask, { store: redisGraceStore(await connect(), { secret }), graceMs: 5_000, now })
  /** `waits`: once it was told that another one holds the lock, and for how long. */
  async function waiter(ask: RefreshExchange, now: () => number) {
    const client = await connect()
    const told = gate()
    const watched: RedisClient = {
      async eval(script, options) {
        const reply = await client.eval(script, options)
        if (Array.isArray(reply) && reply[0] === 0) told.open()
        return reply
      },
      duplicate: () => client.duplicate(),
    }
    const store = redisGraceStore(watched, { secret })
    return { shared: shareExchange(ask, { store, graceMs: 5_000, now }), waits: told.opened }
  }

  beforeAll(async () => {
    server = await startRedis()
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy()
    await server.restart()
  })
  afterAll(() => server.stop())

  it('H5: there is one exchange, and late ones get its tokens', async () => {
    const ask = rotating()
    const all = await Promise.all([start(ask), start(ask), start(ask), start(ask)])
    const outcomes = await Promise.all([...all, ...all].map(({ exchange }) => exchange(request(set(1)))))
    expect(outcomes.map(tokensOf)).toEqual(Array(8).fill(set(2)))
    const late = await start(ask)
    expect(tokensOf(await late.exchange(request(set(1))))).toEqual(set(2))
    expect(ask).toHaveBeenCalledTimes(1)
  })

  it('H3: who waited while it was unavailable takes that outcome', async () => {
    const [asked, answered] = [gate(), gate()]
    const ask = vi.fn<RefreshExchange>(async () => {
      asked.open()
      await answered.opened
      return unavailable
    })
    // so that no two of them fall into one millisecond
    let time = 1
    const now = () => time
    const holder = await start(ask, now)
    const waiting = await Promise.all([waiter(ask, now), waiter(ask, now)])
    const outcomes = [holder.exchange(request(set(1)))]
    await asked.opened
    for (const { shared, waits } of waiting) {
      outcomes.push(shared.exchange(request(set(1))))
      await waits
    }
    time = 2
    answered.open()
    expect((await Promise.all(outcomes)).map(tokensOf)).toEqual(Array(3).fill('unavailable'))
    expect(ask).toHaveBeenCalledTimes(1)
    time = 3
    await holder.exchange(request(set(1)))
    expect(ask).toHaveBeenCalledTimes(2)
  })

  it('F9: a sign-out in one counts in the others', async () => {
    const ask = rotating()
    const [one, two] = [await start(ask), await start(ask)]
    await one.exchange(request(set(1)))
    await two.forget('refresh-2')
    expect(tokensOf(await one.exchange(request(set(1))))).toBe('rejected')
    expect(tokensOf(await one.exchange(request(set(2))))).toBe('rejected')
  })

  it('X2: with a secret no token is in Redis, and all of it ends', async () => {
    const { exchange } = await start(rotating())
    await exchange(request(set(1)))
    const client = await connect()
    const keys = await client.keys('*')
    expect(keys.length).toBeGreaterThan(1)
    for (const key of keys) {
      expect(`${key} ${await client.get(key)}`).not.toMatch(/access|refresh-/)
      expect(await client.pTTL(key)).toBeGreaterThan(0)
    }
  })
})
