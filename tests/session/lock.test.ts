import { describe, expect, it, vi } from 'vitest'
import { type HeldLock, memoryStorage, StorageError, type TokenSet, type TokenStorage } from '../../src'
import type { FakeClock } from '../../src/testing'
import { MadeFailure, madeStorage } from '../support/made-storage'
import { manualSession, nthCall } from '../support/manual-session'
import { type ClientOptions, outcome, startSession, wireTokens } from '../support/start-session'

const seconds = (n: number): number => n * 1000
const noRetries = { refreshRetries: 0 }
type LockName = 'main' | 'fallback'

/** A lock that notes who holds which, and that a test can hold, break and keep. */
function madeLock(clock: () => FakeClock | undefined) {
  const queues: Record<LockName, ((held: HeldLock) => void)[]> = { main: [], fallback: [] }
  const holders: Record<LockName, boolean> = { main: false, fallback: false }
  const left: Partial<Record<LockName, number>> = {}
  const log: string[] = []
  const at = (): number => clock()?.monotonic() ?? 0

  function give(name: LockName, take: (held: HeldLock) => void): void {
    holders[name] = true
    log.push(`${at()} ${name} held`)
    const unavailableUntil = left[name]
    take({
      ...(unavailableUntil === undefined ? {} : { unavailableUntil }),
      release(until) {
        log.push(`${at()} ${name} released${until === undefined ? '' : ` until ${until}`}`)
        if (until === undefined) delete left[name]
        else left[name] = until
        holders[name] = false
        const next = queues[name].shift()
        if (next) give(name, next)
      },
    })
  }
  const lock: NonNullable<TokenStorage['lock']> = (signal, option) => {
    const name = option ?? 'main'
    log.push(`${at()} ${name} asked`)
    return new Promise((resolve, reject) => {
      if (!holders[name]) return give(name, resolve)
      queues[name].push(resolve)
      signal.addEventListener('abort', () => {
        queues[name] = queues[name].filter((waiting) => waiting !== resolve)
        reject(signal.reason)
      })
    })
  }
  return {
    lock,
    /** What happened, with the time (monotonic ms). */
    log,
    isHeld: (name: LockName = 'main') => holders[name],
    /** Somebody else holds it: crashed, frozen, or merely slow. Gives the lock back. */
    holdElsewhere(name: LockName = 'main'): (unavailableUntil?: number) => void {
      let held: HeldLock | undefined
      give(name, (it) => {
        held = it
      })
      return (until) => void held?.release(until)
    },
  }
}

/** A session over a storage with a made lock. */
async function lockedSession(options: ClientOptions = {}, lacks: ('replace' | 'subscribe')[] = []) {
  let clock: FakeClock | undefined
  const lock = madeLock(() => clock)
  const storage = madeStorage({ lock: lock.lock, lacks })
  const session = await manualSession({ ...noRetries, storage, ...options })
  clock = session.clock
  session.clock.shiftWallClock(seconds(300))
  return { ...session, storage, lock }
}
const holdsFor = (log: readonly string[], name: LockName = 'main'): number[] => {
  const times = (what: string) =>
    log.filter((line) => line.includes(`${name} ${what}`)).map((line) => Number.parseInt(line, 10))
  const released = times('released')
  return times('held').map((from, n) => (released[n] ?? Number.POSITIVE_INFINITY) - from)
}
const stored = (n: number) => expect.objectContaining({ accessToken: `access-${n}`, refreshToken: `refresh-${n}` })

describe('whoever shares the tokens shares the lock', () => {
  it('H1: two clients on one memoryStorage share tokens, changes and lock', async () => {
    const storage = memoryStorage()
    const session = await manualSession({ storage })
    const other = session.client({ storage })
    await other.auth.ready()
    session.clock.shiftWallClock(seconds(300))
    const requests = [session.auth.fetch('/a'), other.auth.fetch('/b')].map((request) => outcome(request))
    ;(await nthCall(session, 1)).answer(wireTokens(2))
    await session.clock.advance(0)
    expect(requests.map(({ value }) => value?.status)).toEqual([200, 200])
    expect(session.calls).toHaveLength(1)
    expect(other.auth.getTokens()).toEqual(session.auth.getTokens())
    await session.auth.signOut()
    expect(other.auth.state).toMatchObject({ status: 'signedOut', reason: 'signedOutElsewhere' })
  })

  it('H1: the lock is held from the second look to the end of the write', async () => {
    const { auth, lock, storage, calls, clock } = await lockedSession()
    const request = outcome(auth.fetch('/things'))
    const write = storage.hold('replace')
    ;(await nthCall({ calls, clock }, 1)).answer(wireTokens(2))
    await clock.advance(0)
    expect([write.waiting, lock.isHeld()]).toEqual([1, true])
    write.release()
    await clock.advance(0)
    expect([request.value?.status, lock.isHeld()]).toEqual([200, false])
  })

  it('H1: after a rejection it is held until the storage is cleared, so that nobody asks again', async () => {
    const { auth, lock, storage, calls, clock } = await lockedSession()
    const request = outcome(auth.fetch('/things'))
    const clearing = storage.hold('replace')
    ;(await nthCall({ calls, clock }, 1)).fail({ error: 'invalid_grant' })
    await clearing.arrived()
    expect([auth.state.status, lock.isHeld()]).toEqual(['signedOut', true])
    clearing.release()
    await clock.advance(0)
    expect([storage.stored, lock.isHeld()]).toEqual([undefined, false])
    expect(request.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
  })

  const kinds: [string, 'replace'[]][] = [
    ['replace', []],
    ['read, compare and write', ['replace']],
  ]
  it.each(kinds)('H1: a holder that was paused does not overwrite newer tokens (by %s)', async (_, lacks) => {
    const { auth, storage, calls, clock } = await lockedSession({}, lacks)
    const request = outcome(auth.fetch('/things'))
    const call = await nthCall({ calls, clock }, 1)
    const newer = {
      ...(storage.stored as TokenSet),
      accessToken: 'access-9',
      refreshToken: 'refresh-9',
      expiresAt: 1e15,
    }
    storage.stored = newer
    call.answer(wireTokens(2))
    await clock.advance(0)
    expect(storage.stored).toEqual(newer)
    expect(auth.getTokens()).toEqual(newer)
    expect(request.value?.status).toBe(200)
  })

  it.each(kinds)('H1: nor does it bring a session back that was ended (by %s)', async (_, lacks) => {
    const { auth, storage, calls, clock } = await lockedSession({}, lacks)
    const request = outcome(auth.fetch('/things'))
    const call = await nthCall({ calls, clock }, 1)
    storage.stored = undefined
    call.answer(wireTokens(2))
    await clock.advance(0)
    expect(storage.stored).toBeUndefined()
    expect(auth.state).toMatchObject({ status: 'signedOut', reason: 'signedOutElsewhere' })
    expect(request.error).toMatchObject({ code: 'AUTH_UNAUTHENTICATED' })
  })

  it('H1: without replace the storage is read, compared and written', async () => {
    const { auth, storage, calls, clock } = await lockedSession({}, ['replace'])
    const request = outcome(auth.fetch('/things'))
    const call = await nthCall({ calls, clock }, 1)
    storage.calls.length = 0
    call.answer(wireTokens(2))
    await clock.advance(0)
    expect(storage.calls.slice(0, 2)).toEqual(['read', 'write'])
    expect(request.value?.status).toBe(200)
    expect(storage.stored).toEqual(stored(2))
  })
})

describe('locks fail open', () => {
  it('H3: a holder keeps it at most refreshTimeoutMs, whatever its exchange does', async () => {
    const { auth, lock, clock } = await lockedSession()
    const request = outcome(auth.fetch('/things'))
    await clock.advance(seconds(9.999))
    expect(lock.isHeld()).toBe(true)
    await clock.advance(1)
    expect(lock.isHeld()).toBe(false)
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
  })

  it.each(['read', 'replace'] as const)('H3: and whatever its storage does: a %s that hangs', async (call) => {
    const { auth, lock, storage, calls, clock } = await lockedSession()
    const request = outcome(auth.fetch('/things'))
    if (call === 'read') storage.hold('read')
    else {
      const answer = await nthCall({ calls, clock }, 1)
      await clock.advance(seconds(6))
      storage.hold('replace')
      answer.answer(wireTokens(2))
    }
    await clock.advance(seconds(30))
    expect(request.pending).toBe(false)
    expect(Math.max(...holdsFor(lock.log))).toBeLessThanOrEqual(seconds(10))
  })

  it('H3: time spent on storage is time taken from the exchange', async () => {
    const { auth, lock, storage, calls, clock } = await lockedSession()
    const read = storage.hold('read')
    void auth.getAccessToken().catch(() => {})
    await clock.advance(seconds(4))
    read.release()
    const { context } = await nthCall({ calls, clock }, 1)
    await clock.advance(seconds(5.999))
    expect(context.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(context.signal.aborted).toBe(true)
    expect(lock.isHeld()).toBe(false)
  })

  it('H3: once that time is over no refresh token is used any more: another one may hold the lock', async () => {
    const { auth, lock, storage, calls, clock, next } = await lockedSession()
    const failed = next('refreshFailed')
    outcome(auth.fetch('/things'))
    const { fail } = await nthCall({ calls, clock }, 1)
    await clock.advance(seconds(9))
    storage.stored = { ...auth.getTokens(), refreshToken: 'refresh-of-another' }
    const read = storage.hold('read')
    fail({ error: 'invalid_grant' })
    await clock.advance(seconds(1))
    expect(lock.isHeld()).toBe(false)
    await clock.advance(1)
    read.release()
    expect((await failed).error.code).toBe('AUTH_REFRESH_UNAVAILABLE')
    expect(calls).toHaveLength(1)
    expect(auth.state.status).toBe('signedIn')
  })

  it('H3, F5: nor where the look before another try took the rest of the time', async () => {
    const { auth, lock, storage, calls, clock, next } = await lockedSession({ refreshRetries: 2 })
    const failed = next('refreshFailed')
    outcome(auth.fetch('/things'))
    const { fail } = await nthCall({ calls, clock }, 1)
    await clock.advance(seconds(9))
    const read = storage.hold('read')
    fail(new TypeError('the answer was lost'))
    await clock.advance(seconds(1))
    expect(lock.isHeld()).toBe(false)
    await clock.advance(1)
    read.release()
    expect((await failed).error.code).toBe('AUTH_REFRESH_UNAVAILABLE')
    expect(calls).toHaveLength(1)
  })

  it('H3: a holder that was stopped past its time exchanges nothing', async () => {
    const first = await manualSession()
    let stoppedFor = 0
    const clock = { ...first.clock, monotonic: () => first.clock.monotonic() + stoppedFor }
    const storage = madeStorage({ lock: madeLock(() => first.clock).lock })
    const { auth } = first.client({ ...noRetries, clock, storage })
    await auth.signIn(wireTokens(1))
    await first.clock.advance(0)
    first.clock.shiftWallClock(seconds(300))
    const read = storage.hold('read')
    const request = outcome(auth.fetch('/things'))
    await read.arrived()
    // no timer runs while the process is stopped
    stoppedFor = seconds(10)
    read.release()
    await first.clock.advance(0)
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(first.calls).toHaveLength(0)
    expect(auth.state.status).toBe('signedIn')
  })

  it('H3: the wait lasts a tenth longer; then a second lock, a look, and the refresh', async () => {
    const { auth, lock, storage, calls, clock } = await lockedSession()
    lock.holdElsewhere()
    const start = clock.monotonic()
    storage.calls.length = 0
    const token = outcome(auth.getAccessToken())
    await clock.advance(seconds(10.999))
    expect(calls).toHaveLength(0)
    const later = outcome(auth.getAccessToken())
    await clock.advance(1)
    expect(calls).toHaveLength(1)
    expect(lock.log.slice(1)).toEqual([
      `${start} main asked`,
      `${start + seconds(11)} fallback asked`,
      `${start + seconds(11)} fallback held`,
    ])
    expect(storage.calls).toEqual(['lock', 'lock', 'read'])
    calls[0]?.answer(wireTokens(2))
    await clock.advance(0)
    expect(token.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(later.value).toBe('access-2')
    expect(lock.isHeld('fallback')).toBe(false)
    expect(lock.isHeld('main')).toBe(true)
  })

  it('H3: with the longest refreshTimeoutMs there is, the wait for the lock is as long as a timer can be, not none', async () => {
    const setTimer = vi.spyOn(globalThis, 'setTimeout')
    const { auth } = await startSession({ client: { clock: undefined, refreshTimeoutMs: 2 ** 31 - 1 } })
    await auth.getAccessToken({ forceRefresh: true })
    const waits = setTimer.mock.calls.map(([, ms]) => ms ?? 0)
    expect(Math.max(...waits)).toBe(2 ** 31 - 1)
  })

  it('H3: then the refresh goes ahead, also where nobody gives the second lock back', async () => {
    const { auth, lock, calls, clock } = await lockedSession()
    lock.holdElsewhere('main')
    lock.holdElsewhere('fallback')
    outcome(auth.getAccessToken())
    await clock.advance(seconds(21.999))
    expect(calls).toHaveLength(0)
    const waiting = outcome(auth.getAccessToken())
    await clock.advance(1)
    expect(calls).toHaveLength(1)
    calls[0]?.answer(wireTokens(2))
    await clock.advance(0)
    expect(waiting.value).toBe('access-2')
  })

  it('H3: those whose wait ran out take turns, and the second finds what the first has brought', async () => {
    const session = await lockedSession()
    const { auth, lock, storage, calls, clock } = session
    const other = session.client({ ...noRetries, storage })
    await other.auth.ready()
    lock.holdElsewhere()
    const both = [auth, other.auth].map((client) => outcome(client.getAccessToken()))
    await clock.advance(seconds(11))
    expect(calls).toHaveLength(1)
    await clock.advance(seconds(5))
    expect(calls).toHaveLength(1)
    calls[0]?.answer(wireTokens(2))
    await clock.advance(0)
    expect(calls).toHaveLength(1)
    expect(both.every(({ pending }) => !pending)).toBe(true)
    expect([auth, other.auth].map((client) => client.getTokens()?.accessToken)).toEqual(['access-2', 'access-2'])
    expect(other.all('refreshed').map(({ attempts }) => attempts)).not.toContain(1)
  })

  const endings: [string, (session: Awaited<ReturnType<typeof lockedSession>>) => void, number | string][] = [
    [
      'another one has brought its tokens',
      ({ storage }) => {
        storage.stored = {
          ...(storage.stored as TokenSet),
          accessToken: 'access-9',
          refreshToken: 'refresh-9',
          expiresAt: 1e15,
        }
        storage.notify()
      },
      200,
    ],
    ['its session is over', ({ auth }) => void auth.signOut(), 'AUTH_UNAUTHENTICATED'],
  ]
  it.each(endings)('H3: nobody waits for the lock once %s', async (_, end, expected) => {
    const session = await lockedSession()
    const { auth, lock, calls, clock } = session
    const release = lock.holdElsewhere()
    const request = outcome(auth.fetch('/things'))
    await clock.advance(0)
    end(session)
    await clock.advance(0)
    expect(request.value?.status ?? (request.error as { code: string }).code).toBe(expected)
    release()
    await clock.advance(seconds(60))
    expect(lock.log.filter((line) => line.includes('held'))).toHaveLength(1)
    expect(calls).toEqual([])
  })

  it('H3: a lock that comes after its wait ran out is given back', async () => {
    const given: HeldLock['release'][] = []
    let released = 0
    let give = (_: HeldLock): void => {}
    const { auth, clock, calls } = await lockedSession({
      storage: madeStorage({
        lock: (_, name) =>
          name === 'fallback'
            ? Promise.resolve({ release() {} })
            : new Promise((resolve) => {
                give = resolve
              }),
      }),
    })
    outcome(auth.getAccessToken())
    await clock.advance(seconds(11))
    expect(calls).toHaveLength(1)
    give({
      release() {
        released += 1
      },
    })
    await clock.advance(0)
    expect(released).toBe(1)
    expect(given).toEqual([])
  })

  it('H3: so is one that comes once it is needed no more', async () => {
    let released = 0
    let give = (_: HeldLock): void => {}
    const storage = madeStorage({
      lock: () =>
        new Promise((resolve) => {
          give = resolve
        }),
    })
    const { auth, clock, calls } = await lockedSession({ storage })
    outcome(auth.getAccessToken())
    await clock.advance(0)
    await auth.signOut()
    give({
      release() {
        released += 1
      },
    })
    await clock.advance(0)
    expect(released).toBe(1)
    expect(calls).toEqual([])
  })

  it.each(['rejects', 'throws'])('H3: a lock that %s counts as none', async (how) => {
    const failure = new MadeFailure('secret')
    const { auth, calls, clock, said } = await lockedSession({
      storage: {
        ...madeStorage({ sync: true }),
        lock: () => {
          if (how === 'throws') throw failure
          return Promise.reject(failure)
        },
      },
    })
    const request = outcome(auth.fetch('/things'))
    ;(await nthCall({ calls, clock }, 1)).answer(wireTokens(2))
    await clock.advance(0)
    expect(request.value?.status).toBe(200)
    expect(said).toContain('storageError')
  })

  it.each(['at once', 'when its wait runs out'])(
    'F3: a lock that rejects with a StorageError %s is out of reach: nothing is exchanged',
    async (when) => {
      const away = new StorageError('away')
      const asked: (string | undefined)[] = []
      const lock: NonNullable<TokenStorage['lock']> = (signal, name) => {
        asked.push(name)
        if (when === 'at once') return Promise.reject(away)
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(away)))
      }
      const { auth, calls, clock, said } = await lockedSession({ storage: madeStorage({ lock }) })
      const request = outcome(auth.fetch('/things'))
      await clock.advance(seconds(40))
      expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
      expect(calls).toEqual([])
      expect(asked).toEqual([undefined])
      expect(said).toContain('storageError')
      expect(auth.state.status).toBe('signedIn')
    },
  )

  it('F3: also where that error is of the other copy of the package, required beside the imported one', async () => {
    vi.resetModules()
    const { StorageError: TheirError } = await import('../../src/errors/storage-error')
    const away = new TheirError('away')
    expect(away).not.toBeInstanceOf(StorageError)
    const storage = madeStorage({ lock: () => Promise.reject(away) })
    const { auth, calls, clock, all } = await lockedSession({ storage })
    const request = outcome(auth.fetch('/things'))
    await clock.advance(0)
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(calls).toEqual([])
    expect(all('storageError').map(({ error }) => error)).toEqual([away])
  })

  it('H3, F3: but where the storage cannot be read either, nothing is exchanged', async () => {
    const { auth, storage, calls, clock } = await lockedSession()
    storage.fail('lock')
    storage.fail('read', 2)
    const request = outcome(auth.fetch('/things'))
    await clock.advance(0)
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(calls).toEqual([])
  })

  it('H3: a release that fails or hangs stops nobody', async () => {
    for (const release of [() => Promise.reject(new MadeFailure('secret')), () => new Promise<void>(() => {})]) {
      const { auth, calls, clock } = await lockedSession({
        storage: madeStorage({ lock: async () => ({ release }) }),
      })
      const request = outcome(auth.fetch('/things'))
      ;(await nthCall({ calls, clock }, 1)).answer(wireTokens(2))
      await clock.advance(0)
      expect(request.value?.status).toBe(200)
    }
  })

  it('H3: each flight gives its lock back once', async () => {
    const { auth, lock, calls, clock } = await lockedSession()
    const request = outcome(auth.fetch('/things'))
    ;(await nthCall({ calls, clock }, 1)).answer(wireTokens(2))
    await clock.advance(seconds(60))
    expect(request.value?.status).toBe(200)
    expect(lock.log.filter((line) => line.includes('released'))).toHaveLength(1)
  })

  const listeners: [string, (session: Awaited<ReturnType<typeof lockedSession>>) => void, string][] = [
    ['refreshed', ({ calls }) => calls[0]?.answer(wireTokens(2)), 'refreshed'],
    ['refreshFailed', ({ calls }) => calls[0]?.fail(new Error('down')), 'refreshFailed'],
    ['signedOut', ({ calls }) => calls[0]?.fail({ error: 'invalid_grant' }), 'signedOut'],
    ['unauthenticated', ({ calls }) => calls[0]?.fail({ error: 'invalid_grant' }), 'unauthenticated'],
    ['interactionRequired', ({ calls }) => calls[0]?.fail({ error: 'login_required' }), 'interactionRequired'],
    [
      'storageError of a write',
      ({ calls, storage }) => {
        storage.fail('replace')
        calls[0]?.answer(wireTokens(2))
      },
      'storageError',
    ],
    [
      'storageError of the look after a rejection',
      ({ calls, storage }) => {
        storage.fail('read')
        calls[0]?.fail({ error: 'invalid_grant' })
      },
      'storageError',
    ],
    [
      'signedOut by the look after a rejection',
      ({ calls, storage }) => {
        storage.stored = undefined
        calls[0]?.fail({ error: 'invalid_grant' })
      },
      'signedOut',
    ],
  ]
  it.each(listeners)('H3: no lock is held while listeners of %s run', async (_, end, name) => {
    const session = await lockedSession()
    const { auth, lock, clock } = session
    const held: boolean[] = []
    auth.on(name as 'refreshed', () => void held.push(lock.isHeld()))
    auth.subscribe(() => void held.push(lock.isHeld()))
    const request = outcome(auth.fetch('/things'))
    await nthCall(session, 1)
    end(session)
    await clock.advance(0)
    expect(request.pending).toBe(false)
    expect(held.length).toBeGreaterThan(0)
    expect(held).not.toContain(true)
  })
})

describe('an outcome left with the lock', () => {
  it('H3: after a first failure, the present instant', async () => {
    const { auth, lock, calls, clock } = await lockedSession()
    const request = outcome(auth.fetch('/things'))
    await clock.advance(seconds(2))
    calls[0]?.fail(new Error('down'))
    await clock.advance(0)
    expect(request.error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(lock.log.at(-1)).toBe(`${clock.monotonic()} main released until ${clock.now()}`)
  })

  it('H3: later, the end of its cooldown', async () => {
    const { auth, lock, calls, clock } = await lockedSession()
    for (const [n, cooldown] of [
      [1, 0],
      [2, 5],
      [3, 10],
    ] as const) {
      const request = outcome(auth.fetch('/things'))
      ;(await nthCall({ calls, clock }, n)).fail(new Error('down'))
      await clock.advance(0)
      expect(request.pending).toBe(false)
      expect(lock.log.at(-1)).toContain(`released until ${clock.now() + seconds(cooldown)}`)
      await clock.advance(seconds(cooldown))
    }
  })

  it('H3: also by a holder whose exchange took the whole time', async () => {
    const { auth, lock, clock } = await lockedSession()
    const request = outcome(auth.fetch('/things'))
    await clock.advance(seconds(10))
    expect(request.pending).toBe(false)
    expect(lock.log.at(-1)).toBe(`${clock.monotonic()} main released until ${clock.now()}`)
  })

  it('H3: nothing after a refresh that worked, a rejection, or one that has to be mended', async () => {
    for (const end of [
      (call: Awaited<ReturnType<typeof nthCall>>) => call.answer(wireTokens(2)),
      (call: Awaited<ReturnType<typeof nthCall>>) => call.fail({ error: 'invalid_grant' }),
      (call: Awaited<ReturnType<typeof nthCall>>) => call.fail({ error: 'invalid_client' }),
    ]) {
      const { auth, lock, calls, clock } = await lockedSession()
      outcome(auth.fetch('/things'))
      end(await nthCall({ calls, clock }, 1))
      await clock.advance(0)
      expect(lock.log.at(-1)).toMatch(/released$/)
    }
  })

  it('H3: whoever began to wait before that instant takes it instead of asking again', async () => {
    const { auth, lock, calls, clock } = await lockedSession()
    const giveBack = lock.holdElsewhere()
    const requests = [auth.fetch('/a'), auth.fetch('/b')].map((request) => outcome(request))
    await clock.advance(seconds(3))
    giveBack(clock.now())
    await clock.advance(0)
    for (const { error } of requests) expect(error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE', retryable: true })
    expect(calls).toEqual([])
    expect(lock.log.at(-1)).toContain(`released until ${clock.now()}`)
  })

  it('H3: whoever began to wait later asks', async () => {
    const { auth, lock, calls, clock } = await lockedSession()
    const giveBack = lock.holdElsewhere()
    giveBack(clock.now() - 1)
    const request = outcome(auth.fetch('/a'))
    ;(await nthCall({ calls, clock }, 1)).answer(wireTokens(2))
    await clock.advance(0)
    expect(request.value?.status).toBe(200)
  })

  it('H3: a cooldown that was left holds here as well, and ends here as well', async () => {
    const { auth, lock, calls, clock } = await lockedSession()
    lock.holdElsewhere()(clock.now() + seconds(40))
    await expect(auth.fetch('/a')).rejects.toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    const asked = lock.log.length
    await clock.advance(seconds(39.999))
    await expect(auth.fetch('/a')).rejects.toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    expect(lock.log).toHaveLength(asked)
    await clock.advance(1)
    const request = outcome(auth.fetch('/a'))
    ;(await nthCall({ calls, clock }, 1)).answer(wireTokens(2))
    await clock.advance(0)
    expect(request.value?.status).toBe(200)
  })

  it('H3: an outage is asked about once, not once by each who shares the storage', async () => {
    const storage = memoryStorage()
    const session = await startSession({ client: { ...noRetries, storage } })
    const { server, clock } = session
    const clients = [session, ...Array.from({ length: 4 }, () => session.client({ ...noRetries, storage }))]
    await Promise.all(clients.map(({ auth }) => auth.ready()))
    clock.shiftWallClock(seconds(300))
    server.faults.token.always({ hang: true })
    const requests = clients.map(({ auth }) => outcome(auth.fetch('/things')))
    await clock.advance(seconds(10))
    for (const { error } of requests) expect(error).toMatchObject({ code: 'AUTH_REFRESH_UNAVAILABLE' })
    await clock.advance(seconds(60))
    expect(server.counts.tokenRequests).toBe(1)
  })

  it('E7: one that a wrong clock has left an hour ahead is not believed', async () => {
    const { auth, lock, calls, clock } = await lockedSession()
    lock.holdElsewhere()(clock.now() + seconds(3600))
    const request = outcome(auth.fetch('/a'))
    ;(await nthCall({ calls, clock }, 1)).answer(wireTokens(2))
    await clock.advance(0)
    expect(request.value?.status).toBe(200)
  })

  it('H3: a holder that crashed delays nobody for longer than a wait', async () => {
    const { auth, lock, calls, clock } = await lockedSession()
    lock.holdElsewhere()
    await clock.advance(seconds(4))
    outcome(auth.getAccessToken())
    await clock.advance(seconds(11))
    expect(calls).toHaveLength(1)
    calls[0]?.answer(wireTokens(2))
    await clock.advance(0)
    expect((await auth.fetch('/things')).status).toBe(200)
  })

  it('Q5, H3: one that comes too late and cannot be given back is reported', async () => {
    const { read, write } = memoryStorage()
    const failure = new MadeFailure('released')
    let give = (_: HeldLock): void => {}
    const late = new Promise<HeldLock>((resolve) => {
      give = resolve
    })
    const release = (): never => {
      throw failure
    }
    const storage: TokenStorage = { read, write, lock: async (_, name) => (name ? { release() {} } : late) }
    const { auth, clock, errors, all } = await startSession({ client: { storage } })
    outcome(auth.getAccessToken({ forceRefresh: true }))
    await clock.advance(seconds(11))
    give({ release })
    await clock.advance(0)
    expect(errors).toEqual([failure])
    expect(all('storageError')).toHaveLength(1)
  })
})
