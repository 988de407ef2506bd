import { describe, expect, it, vi } from 'vitest'
import type { Clock } from '../../src'
import { fakeClock } from '../../src/testing'
import { runScript } from '../support/run-script'
import { startSession } from '../support/start-session'

const seconds = (n: number): number => n * 1000
const day = seconds(24 * 3600)
const oneTick = seconds(30)

describe('keepFresh', () => {
  it('E5: refreshes without a request, again and again', async () => {
    const { server, clock } = await startSession({ client: { keepFresh: true } })
    await clock.advance(seconds(239))
    expect(server.counts.refreshes).toBe(0)
    await clock.advance(seconds(2))
    expect(server.counts.refreshes).toBe(1)
    await clock.advance(seconds(242))
    expect(server.counts.refreshes).toBe(2)
    expect(server.counts.api.requests).toBe(0)
  })

  it('E5: without it nothing is refreshed unless it is needed', async () => {
    const { server, clock } = await startSession()
    await clock.advance(day)
    expect(server.counts.tokenRequests).toBe(0)
  })

  it('E5: never sets a timer that is longer than a tick, so a token of 40 days is not refreshed at once', async () => {
    const clock = fakeClock()
    const delays: number[] = []
    const noting: Clock = {
      ...clock,
      after(ms, task, options) {
        delays.push(ms)
        return clock.after(ms, task, options)
      },
    }
    const { server } = await startSession({
      server: { accessTokenTtlMs: 40 * day, clock },
      client: { keepFresh: true, clock: noting },
    })
    await clock.advance(seconds(600))
    expect(server.counts.tokenRequests).toBe(0)
    expect(delays.length).toBeGreaterThan(15)
    expect(Math.max(...delays)).toBeLessThanOrEqual(oneTick)
  })

  it('E5: compares absolute time at each tick: a machine that slept refreshes within one', async () => {
    const { server, clock } = await startSession({
      server: { accessTokenTtlMs: 40 * day },
      client: { keepFresh: true },
    })
    await clock.advance(seconds(100))
    expect(server.counts.tokenRequests).toBe(0)
    clock.shiftWallClock(40 * day - seconds(120))
    await clock.advance(oneTick)
    expect(server.counts.refreshes).toBe(1)
  })

  it('E5: looks again when a wake event comes, without waiting for the tick', async () => {
    let wake = (): void => {}
    const { server, clock } = await startSession({
      client: {
        keepFresh: true,
        wakeEvents: (onWake) => {
          wake = onWake
          return undefined
        },
      },
    })
    wake()
    await clock.advance(0)
    expect(server.counts.tokenRequests).toBe(0)
    clock.shiftWallClock(seconds(250))
    wake()
    await clock.advance(0)
    expect(server.counts.refreshes).toBe(1)
  })

  it.each(['visibilitychange', 'focus', 'online', 'pageshow'])('E5: looks again on %s in a page', async (name) => {
    const page = new EventTarget()
    const document = new EventTarget()
    vi.stubGlobal('document', document)
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
    const target = name === 'visibilitychange' ? document : page
    const { auth, server, clock } = await startSession({ client: { keepFresh: true } })
    clock.shiftWallClock(seconds(250))
    target.dispatchEvent(new Event(name))
    await clock.advance(0)
    expect(server.counts.refreshes).toBe(1)
    auth.dispose()
    clock.shiftWallClock(seconds(500))
    target.dispatchEvent(new Event(name))
    await clock.advance(seconds(60))
    expect(server.counts.refreshes).toBe(1)
  })

  it('E5: stops with dispose, which also unsubscribes from wake events', async () => {
    let subscribed = true
    const { auth, server, clock } = await startSession({
      client: {
        keepFresh: true,
        wakeEvents: () => () => {
          subscribed = false
        },
      },
    })
    auth.dispose()
    await clock.advance(seconds(400))
    expect(server.counts.tokenRequests).toBe(0)
    expect(subscribed).toBe(false)
    expect(clock.pending).toBe(0)
  })

  it('E5: does not begin again after dispose, whatever becomes of the session', async () => {
    const { auth, server, clock } = await startSession({ client: { keepFresh: true } })
    auth.dispose()
    await auth.getAccessToken({ forceRefresh: true })
    expect(clock.pending).toBe(0)
    await clock.advance(seconds(400))
    expect(server.counts.tokenRequests).toBe(1)
  })

  it('E5: sets no timer while nobody is signed in, and goes on with the next sign-in', async () => {
    const { auth, server, clock } = await startSession({ client: { keepFresh: true } })
    await auth.signOut()
    expect(clock.pending).toBe(0)
    await auth.signIn(server.signIn())
    await clock.advance(seconds(241))
    expect(server.counts.refreshes).toBe(1)
  })

  it('E5: asks again after an outage, within the cooldowns', async () => {
    const { auth, server, clock } = await startSession({ client: { keepFresh: true, refreshRetries: 0 } })
    server.faults.token.always({ status: 503 })
    await clock.advance(seconds(270))
    expect(server.counts.tokenRequests).toBeGreaterThan(2)
    expect(server.counts.tokenRequests).toBeLessThan(8)
    server.faults.token.clear()
    await clock.advance(seconds(29))
    expect(server.counts.refreshes).toBe(1)
    expect(auth.state.status).toBe('signedIn')
  })

  it('E5, Q5: wake events that throw are reported and stop nothing', async () => {
    const failure = new Error('no such event')
    const { server, clock, errors } = await startSession({
      client: {
        keepFresh: true,
        wakeEvents: () => {
          throw failure
        },
      },
    })
    expect(errors).toEqual([failure])
    await clock.advance(seconds(241))
    expect(server.counts.refreshes).toBe(1)
  })
})

describe('a Node process', () => {
  const preamble = `
    import { createAuthClient } from '../../src'
    import { fakeAuthorizationServer, serve } from '../../src/testing'
    const refreshByForm = ({ refreshToken, fetch, signal }) => fetch('/token', {
      method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }), signal })
  `

  it('E5: ends although keepFresh ticks', async () => {
    const { code, stdout } = await runScript(`${preamble}
      const server = fakeAuthorizationServer()
      const auth = createAuthClient({
        baseUrl: 'https://server.example', fetch: server.fetch, refresh: refreshByForm, keepFresh: true,
      })
      await auth.signIn(server.signIn())
      await auth.fetch('/things')
      console.log('done')`)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' })
  })

  it.each([
    [
      'a refresher that takes its time',
      'refresh: (context) => new Promise((go) => setTimeout(go, 50).unref()).then(() => refreshByForm(context))',
    ],
    ['a pause before a retry', 'refresh: refreshByForm, random: () => 0.2'],
    ['a refresher that never answers', 'refresh: () => new Promise(() => {}), refreshTimeoutMs: 100'],
    [
      'a storage that never answers',
      'refresh: refreshByForm, refreshTimeoutMs: 100, storage: { read: () => new Promise(() => {}), write() {} }',
    ],
    [
      'a lock that never comes',
      'refresh: refreshByForm, refreshTimeoutMs: 100, storage: { read: () => undefined, write() {}, lock: () => new Promise(() => {}) }',
    ],
  ])('E5: does not end before a request that waits for %s has its answer', async (_, options) => {
    const { code, stdout } = await runScript(`${preamble}
      const server = fakeAuthorizationServer()
      server.faults.token.next({ status: 503 })
      const auth = createAuthClient({ baseUrl: 'https://server.example', fetch: server.fetch, ${options} })
      void auth.signIn({ ...server.signIn(), expires_in: 0 })
      const answer = await auth.fetch('/things').then((response) => response.status, (error) => error.retryable)
      console.log('answered', answer)`)
    expect({ code, stdout: stdout.slice(0, 8) }).toEqual({ code: 0, stdout: 'answered' })
  })
})
