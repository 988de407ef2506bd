import { createClient, createCluster } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HeldLock, TokenStorage } from '../../src/core/token-storage'
import { type RedisClient, redisChanges, redisStorage } from '../../src/storages/redis'
import { tokenStorageContract } from '../../src/testing/storage-contract'
import { type RedisServer, startRedis } from '../support/redis-server'

const secret = 'a-secret-of-at-least-thirty-two-characters'
const ttlMs = 60_000
const tokens = (n: number) => ({ accessToken: `access-${n}`, refreshToken: `refresh-${n}`, sessionId: 's' })
const endings: (() => unknown)[] = []
let server: RedisServer
const counter = { keys: 0 }

function freshKey(): string {
  counter.keys += 1
  return `session ${counter.keys}`
}
const soon = (ms = 5_000): AbortSignal => AbortSignal.timeout(ms)

async function connect(options: Parameters<typeof createClient>[0] = {}) {
  const client = createClient({ url: server.url, ...options })
  client.on('error', () => {})
  await client.connect()
  endings.push(() => client.isOpen && client.destroy())
  return client
}
type Client = Awaited<ReturnType<typeof connect>>

/** A client that notes what is asked of it. `asked`: once it has been answered for the first time. */
function counting(client: Client): { client: RedisClient; scripts: string[]; asked: Promise<void> } {
  const scripts: string[] = []
  let first = (): void => {}
  const asked = new Promise<void>((resolve) => {
    first = resolve
  })
  return {
    scripts,
    asked,
    client: {
      async eval(script, options) {
        scripts.push(script)
        const reply = await client.eval(script, options)
        first()
        return reply
      },
      duplicate: () => client.duplicate(),
    },
  }
}
async function lock(storage: TokenStorage, signal = soon()): Promise<HeldLock> {
  const held = await storage.lock?.(signal)
  if (held === undefined) throw new Error('no lock')
  return held
}

beforeAll(async () => {
  server = await startRedis()
})
afterEach(async () => {
  vi.useRealTimers()
  for (const end of endings.splice(0)) await end()
})
afterAll(() => server.stop())

describe.each([
  ['redisStorage', {}],
  ['redisStorage, sealed', { secret }],
])('%s', (name, options) => {
  const contract = tokenStorageContract(name, async () => {
    const [ours, theirs, other] = await Promise.all([connect(), connect(), connect()])
    const key = freshKey()
    let away = false
    const client: RedisClient = {
      eval: (script, given) => (away ? Promise.reject(new Error('away')) : ours.eval(script, given)),
      duplicate: () => ours.duplicate(),
    }
    return {
      storage: redisStorage(client, { key, ttlMs, ...options }),
      other: redisStorage(theirs, { key, ttlMs, ...options }),
      async corrupt(text) {
        await other.set(`tokenflight:{${key}}:tokens`, 'x'.repeat(64) + text)
      },
      fail() {
        away = true
        return () => {
          away = false
        }
      },
      async dispose() {
        for (const end of [ours, theirs, other]) end.destroy()
      },
    }
  })
  for (const { name: title, run } of contract) it(title, run)
})

describe('what is in Redis', () => {
  it('X2: with a secret no token is in it, under any key', async () => {
    const client = await connect()
    const key = freshKey()
    const storage = redisStorage(client, { key, ttlMs, secret })
    await storage.write(tokens(1))
    const found = await Promise.all((await client.keys(`*${key}*`)).map((key) => client.get(key)))
    expect(found).toHaveLength(1)
    expect(found.join()).not.toMatch(/access|refresh/)
    expect(await storage.read()).toEqual(tokens(1))
  })

  it('X3: what was sealed for one session cannot be moved to another', async () => {
    const client = await connect()
    const [mine, yours] = [freshKey(), freshKey()]
    await redisStorage(client, { key: mine, ttlMs, secret }).write(tokens(1))
    await client.copy(`tokenflight:{${mine}}:tokens`, `tokenflight:{${yours}}:tokens`)
    expect(await redisStorage(client, { key: yours, ttlMs, secret }).read()).toBeUndefined()
  })

  it('a secret can be changed while sessions live', async () => {
    const client = await connect()
    const key = freshKey()
    const next = 'another-secret-of-at-least-thirty-two-chars'
    await redisStorage(client, { key, ttlMs, secret }).write(tokens(1))
    const both = redisStorage(client, { key, ttlMs, secret: [next, secret] })
    expect(await both.read()).toEqual(tokens(1))
    expect(await both.replace?.(tokens(1), tokens(2))).toBe(true)
    expect(await redisStorage(client, { key, ttlMs, secret: next }).read()).toEqual(tokens(2))
  })

  it('ends with the time that was set, which every write renews', async () => {
    const client = await connect()
    const key = freshKey()
    const storage = redisStorage(client, { key, ttlMs })
    await storage.write(tokens(1))
    await client.pExpire(`tokenflight:{${key}}:tokens`, 5_000)
    await storage.replace?.(tokens(1), tokens(2))
    expect(await client.pTTL(`tokenflight:{${key}}:tokens`)).toBeGreaterThan(ttlMs / 2)
  })

  it('keys of one session are in one slot of a cluster, whatever is in the key', async () => {
    const client = await connect()
    for (const key of [freshKey(), `}${freshKey()}`, `{a}b{${freshKey()}`, `%7D${freshKey()}`]) {
      const storage = redisStorage(client, { key, ttlMs })
      await client.flushDb()
      await storage.write(tokens(1))
      const held = await lock(storage)
      await held.release(Date.now())
      await lock(storage)
      const tags = (await client.keys('*')).map((name) => /\{([^}]+)\}/.exec(name)?.[1])
      expect(tags).toHaveLength(3)
      expect(new Set(tags).size).toBe(1)
      expect(tags[0]).toBeTruthy()
    }
  })

  it('keys that differ are different sessions', async () => {
    const client = await connect()
    await redisStorage(client, { key: 'a}', ttlMs }).write(tokens(1))
    expect(await redisStorage(client, { key: 'a%7D', ttlMs }).read()).toBeUndefined()
  })
})

describe('lock', () => {
  it('H3: a lock whose time ran out goes to the next, and its late holder neither frees nor prolongs it', async () => {
    const client = await connect()
    const key = freshKey()
    const [first, second] = [100, 60_000].map((lockMs) => redisStorage(client, { key, ttlMs, lockMs }))
    if (first === undefined || second === undefined) throw new Error('unreachable')
    const late = await lock(first)
    const held = await lock(second)
    const name = `tokenflight:{${key}}:lock:refresh`
    const owner = await client.get(name)
    await late.release(Date.now() + 1000)
    expect(await client.get(name)).toBe(owner)
    expect(await client.exists(`tokenflight:{${key}}:left:refresh`)).toBe(0)
    await held.release()
    expect(await client.exists(name)).toBe(0)
  })

  it('H1: a holder that was paused past its lock cannot overwrite newer tokens', async () => {
    const client = await connect()
    const key = freshKey()
    const slow = redisStorage(client, { key, ttlMs, lockMs: 50 })
    const quick = redisStorage(client, { key, ttlMs })
    await slow.write(tokens(1))
    await lock(slow)
    await lock(quick)
    expect(await quick.replace?.(tokens(1), tokens(2))).toBe(true)
    expect(await slow.replace?.(tokens(1), tokens(3))).toBe(false)
    expect(await quick.read()).toEqual(tokens(2))
  })

  it('a release wakes who waits, who does not ask in between', async () => {
    const [one, two] = await Promise.all([connect(), connect()])
    const key = freshKey()
    const { client, scripts, asked } = counting(two)
    const [holding, waiting] = [redisStorage(one, { key, ttlMs }), redisStorage(client, { key, ttlMs })]
    await new Promise<void>((live) => {
      endings.push(waiting.subscribe?.(live) ?? (() => {}))
    })
    const held = await lock(holding)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const next = lock(waiting)
    await asked
    await vi.advanceTimersByTimeAsync(100)
    expect(scripts).toHaveLength(1)
    await held.release()
    // less than the rest of a pause that nobody ends
    for (let ms = 0; ms < 140; ms += 1) {
      await one.ping()
      await vi.advanceTimersByTimeAsync(1)
    }
    await (await next).release()
    expect(scripts).toHaveLength(3)
  })

  it('H3: a lock whose time ran out before its answer came counts as not held', async () => {
    const client = await connect()
    const key = freshKey()
    const scripts: string[] = []
    const slow: RedisClient = {
      async eval(script, options) {
        scripts.push(script)
        const reply = await client.eval(script, options)
        // as if this process had been stopped until now
        if (scripts.length === 1) vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 15_000)
        return reply
      },
      duplicate: () => client.duplicate(),
    }
    await (await lock(redisStorage(slow, { key, ttlMs, changes: false }))).release()
    const [taken, released] = scripts
    expect(taken).not.toBe(released)
    expect(scripts).toEqual([taken, released, taken, released])
  })

  it('H3: who gave up while Redis did not answer leaves no lock behind', async () => {
    const [stalled, client] = await Promise.all([connect(), connect()])
    const key = freshKey()
    let answer = (): void => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    const late: RedisClient = {
      async eval(script, options) {
        const reply = await stalled.eval(script, options)
        await answered
        return reply
      },
      duplicate: () => stalled.duplicate(),
    }
    const patience = new AbortController()
    const waiting = redisStorage(late, { key, ttlMs }).lock?.(patience.signal)
    while ((await client.exists(`tokenflight:{${key}}:lock:refresh`)) === 0) await client.ping()
    patience.abort(new Error('no more'))
    await expect(waiting).rejects.toThrow('no more')
    const next = lock(redisStorage(client, { key, ttlMs }))
    answer()
    await (await next).release()
  })
})

describe('the fallback lock', () => {
  const take = async (storage: TokenStorage, name?: 'fallback', ms = 5_000): Promise<HeldLock> => {
    const held = await storage.lock?.(soon(ms), name)
    if (held === undefined) throw new Error('no lock')
    return held
  }
  const isRefused = (waiting: Promise<HeldLock>) => expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
  async function two() {
    const client = await connect()
    const key = freshKey()
    const open = () => redisStorage(client, { key, ttlMs, lockMs: 60_000, changes: false })
    return { one: open(), other: open(), expire: () => client.del(`tokenflight:{${key}}:lock:refresh`) }
  }

  it('H3: passes over a holder that was waited for in vain', async () => {
    const { one, other } = await two()
    await take(one)
    await isRefused(take(other, undefined, 300))
    await (await take(other, 'fallback')).release()
  })

  it('H3: but not one that took the lock since', async () => {
    const { one, other } = await two()
    const stuck = await take(one)
    await isRefused(take(other, undefined, 300))
    await stuck.release()
    const living = await take(one)
    await isRefused(take(other, 'fallback', 100))
    await living.release()
    await (await take(other, 'fallback')).release()
  })

  it('H3: while it is held the lock, which has ended by now, is given to nobody', async () => {
    const { one, other, expire } = await two()
    await take(one)
    await isRefused(take(other, undefined, 300))
    const held = await take(other, 'fallback')
    await expire()
    await isRefused(take(one, undefined, 100))
    await held.release()
    await (await take(one)).release()
  })
})

describe('when Redis is away', () => {
  it('F5: a stalled server rejects in time, with a socketTimeout, and works again', async () => {
    const client = await connect({
      socket: { socketTimeout: 200, reconnectStrategy: () => 50 },
      disableOfflineQueue: true,
    })
    const storage = redisStorage(client, { key: freshKey(), ttlMs })
    await storage.write(tokens(1))
    server.pause()
    try {
      const since = performance.now()
      await expect(storage.read()).rejects.toThrow()
      await expect(storage.replace?.(tokens(1), tokens(2))).rejects.toThrow()
      expect(performance.now() - since).toBeLessThan(2_000)
    } finally {
      server.resume()
    }
    if (!client.isReady) await new Promise((resolve) => client.once('ready', resolve))
    expect(await storage.read()).toEqual(tokens(1))
  })

  it('F3: waiting for the lock of a stalled server ends with the signal, and says that Redis is out of reach', async () => {
    const client = await connect()
    const storage = redisStorage(client, { key: freshKey(), ttlMs })
    server.pause()
    try {
      await expect(lock(storage, soon(600))).rejects.toMatchObject({ code: 'AUTH_STORAGE' })
    } finally {
      server.resume()
    }
    await (await lock(storage)).release()
  })

  it('H4: a lost connection comes back, and what was missed is looked at', async () => {
    const [client, other] = await Promise.all([connect(), connect()])
    const key = freshKey()
    const storage = redisStorage(client, { key, ttlMs })
    let notices = 0
    let noticed = (): void => {}
    const next = () =>
      new Promise<void>((resolve) => {
        noticed = resolve
      })
    const live = next()
    endings.push(
      storage.subscribe?.(() => {
        notices += 1
        noticed()
      }) ?? (() => {}),
    )
    await live
    const back = next()
    await other.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
    await back
    const told = next()
    await redisStorage(other, { key, ttlMs }).write(tokens(1))
    await told
    expect(notices).toBeGreaterThanOrEqual(3)
  })
})

describe('change notices', () => {
  it('X3: carry no tokens', async () => {
    const [client, listener] = await Promise.all([connect(), connect()])
    const storage = redisStorage(client, { key: freshKey(), ttlMs })
    const messages: string[] = []
    await listener.pSubscribe('*', (message) => void messages.push(message))
    await storage.write(tokens(1))
    await storage.replace?.(tokens(1), tokens(2))
    await (await lock(storage)).release()
    await storage.write(undefined)
    await listener.pUnsubscribe('*')
    expect(messages).toEqual(['changed', 'changed', 'released', 'changed'])
  })

  it('of many sessions go over one connection, which the last one closes', async () => {
    const client = await connect()
    const subscribers = async (): Promise<number> =>
      (await client.sendCommand<string>(['CLIENT', 'LIST', 'TYPE', 'pubsub'])).split('\n').filter(Boolean).length
    const changes = redisChanges(client)
    const live = Array.from({ length: 20 }, () => redisStorage(client, { key: freshKey(), ttlMs, changes })).map(
      (storage) => {
        let end = (): void => {}
        return new Promise<() => void>((resolve) => {
          end = storage.subscribe?.(() => resolve(end)) ?? end
        })
      },
    )
    const ends = await Promise.all(live)
    expect(await subscribers()).toBe(1)
    for (const end of ends) end()
    while ((await subscribers()) > 0) await client.ping()
  })

  it('leave no connection behind, whenever they end', async () => {
    const client = await connect()
    const connections = async (): Promise<number> =>
      (await client.sendCommand<string>(['CLIENT', 'LIST'])).split('\n').filter(Boolean).length
    const begin = (): (() => void) =>
      redisStorage(client, { key: freshKey(), ttlMs }).subscribe?.(() => {}) ?? (() => {})
    begin()()
    for (const end of [begin(), begin()]) {
      await client.ping()
      end()
    }
    while ((await connections()) > 1) await client.ping()
  })

  it('keep trying nothing when they end while Redis is away', async () => {
    const client = await connect()
    const away = createClient({ socket: { port: 1, reconnectStrategy: 10 } })
    let failures = 0
    away.on('error', () => {
      failures += 1
    })
    const failed = new Promise((resolve) => away.once('error', resolve))
    const changes = redisChanges({ duplicate: () => away })
    const end = redisStorage(client, { key: freshKey(), ttlMs, changes }).subscribe?.(() => {})
    end?.()
    await failed
    await expect.poll(() => away.isOpen).toBe(false)
    expect(failures).toBe(1)
  })

  it('H4: come back when the client has given up its connection', async () => {
    const client = await connect()
    const other = await connect()
    // it is idle for that long, and then the default reconnectStrategy says no
    const changes = redisChanges({ duplicate: () => createClient({ url: server.url, socket: { socketTimeout: 500 } }) })
    const key = freshKey()
    const storage = redisStorage(client, { key, ttlMs, changes })
    let noticed = (): void => {}
    const next = () =>
      new Promise<void>((resolve) => {
        noticed = resolve
      })
    const live = next()
    endings.push(storage.subscribe?.(() => noticed()) ?? (() => {}))
    await live
    await next()
    const told = next()
    await redisStorage(other, { key, ttlMs }).write(tokens(1))
    await told
  })

  it('can be left out', async () => {
    expect(redisStorage(await connect(), { key: 'a', ttlMs, changes: false }).subscribe).toBeUndefined()
  })
})

it.each([
  ['key', { key: '', ttlMs }],
  ['ttlMs', { key: 'a', ttlMs: 0 }],
  ['ttlMs', { key: 'a', ttlMs: Number.NaN }],
  ['lockMs', { key: 'a', ttlMs, lockMs: 0.5 }],
  ['secret', { key: 'a', ttlMs, secret: 'short' }],
])('says which option is wrong: %s', async (option, options) => {
  const client = await connect()
  expect(() => redisStorage(client, options)).toThrow(
    expect.objectContaining({ code: 'AUTH_CONFIGURATION', message: expect.stringContaining(option) }),
  )
})

it('takes a cluster too, by its types', () => {
  const cluster = createCluster({ rootNodes: [{ url: server.url }] })
  expect(redisStorage(cluster, { key: 'a', ttlMs }).lock).toBeDefined()
})
