import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { sessionModel } from './run-model'
import { type Bug, seedBug } from './seed-bug'

/** Each is one that a model has to find, or it would find nothing in the sources either; and what it says of it. */
const bugs: [Bug, says: RegExp][] = [
  [
    {
      name: 'no look at the epoch after the write',
      changes: [
        { file: 'session/adoption.ts', text: 'if (!isCurrent()) return isStored && session.goesOn(epoch)', by: '' },
        {
          file: 'session/session-store.ts',
          text: "dispatch({ type: 'refreshed', epoch, tokens }, defer)",
          by: "dispatch({ type: 'refreshed', epoch: state.epoch, tokens }, defer)",
        },
      ],
    },
    /S4|F9|H4/,
  ],
  [
    {
      name: 'a flight that failed stays',
      changes: [
        {
          file: 'session/refresh-flight.ts',
          text: 'if (flight === mine) flight = undefined',
          by: 'if (flight === mine && !error) flight = undefined',
        },
      ],
    },
    /at last|failed without a reason|got its 401/,
  ],
  [
    {
      name: 'the signal of a waiter reaches the refresh',
      changes: [
        {
          file: 'session/token-source.ts',
          text: 'if (trigger) return after(flight.join(wish.need, trigger), wish)',
          by: `if (trigger) {
        const gate = flight.join(wish.need, trigger)
        wish.signal?.addEventListener('abort', () => flight.abort?.())
        return after(gate, wish)
      }`,
        },
        {
          file: 'session/refresh-exchange.ts',
          text: 'const context = {',
          by: 'request.onStart?.(time.abort)\n    const context = {',
        },
        {
          file: 'session/refresh-exchange.ts',
          text: 'return { signal: abort.signal, up, cancel }',
          by: 'return { signal: abort.signal, up, cancel, abort: () => abort.abort() }',
        },
        {
          file: 'session/refresh-flight.ts',
          text: '        trigger: mine.trigger,\n',
          by: '        trigger: mine.trigger,\n        onStart: (it) => { abortExchange = it },\n',
        },
        {
          file: 'session/refresh-flight.ts',
          text: '  let flights = 0\n',
          by: '  let flights = 0\n  let abortExchange = () => {}\n',
        },
        {
          file: 'session/refresh-flight.ts',
          text: '    underWay: () => flight !== undefined,\n',
          by: '    underWay: () => flight !== undefined,\n    abort: () => abortExchange(),\n',
        },
      ],
    },
    /Q2/,
  ],
  [
    {
      name: 'the refused token is not compared with the present one',
      changes: [
        {
          file: 'session/authorizer.ts',
          text: 'const isStale = tokens.accessToken !== sent.accessToken && flight.satisfies(tokens, need)',
          by: 'const isStale = false',
        },
      ],
    },
    /R2/,
  ],
  [
    {
      name: 'the lock is given back before the exchange',
      changes: [
        {
          file: 'session/refresh-flight.ts',
          text: '      if (!exchange) return {}\n',
          by: '      if (!exchange) return {}\n      lock.release()\n',
        },
      ],
    },
    /F1/,
  ],
  [
    {
      name: 'a resend that is refused is sent once more',
      changes: [
        { file: 'session/authorizer.ts', text: 'if (sent.resend) {', by: 'if (sent.resend && !flight.possible()) {' },
      ],
    },
    /R4/,
  ],
]

it.each(bugs)('finds: $name', { timeout: 120_000 }, async (bug, says) => {
  const directory = await mkdtemp(join(tmpdir(), 'tokenflight-bug-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const subject = await seedBug(bug, join(directory, 'subject.mjs'))
  const found = await fc.check(sessionModel(subject), { numRuns: 5_000, seed: 20261121, endOnFailure: true })
  expect(found.failed).toBe(true)
  expect(String(found.errorInstance)).toMatch(says)
})
