import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  initialState,
  type SessionEvent,
  type SessionState,
  type StoredSession,
  transition,
} from '../../src/core/session-state'
import type { TokenSet } from '../../src/core/token-set'
import { StorageError } from '../../src/errors/storage-error'
import { jwt } from './jwt'

const ann: TokenSet = { accessToken: 'a1', refreshToken: 'r1', sessionId: 'ann' }
const annLater: TokenSet = { accessToken: 'a2', refreshToken: 'r2', sessionId: 'ann' }
const bob: TokenSet = { accessToken: 'b1', refreshToken: 's1', sessionId: 'bob' }
const foreign: TokenSet = { accessToken: 'f1' }
const error = new StorageError('x')

const restoring: SessionState = { status: 'restoring', epoch: 7 }
const failing: SessionState = { status: 'restoring', epoch: 7, error }
const signedIn: SessionState = { status: 'signedIn', epoch: 7, tokens: ann }
const signedInForeign: SessionState = { status: 'signedIn', epoch: 7, tokens: foreign }
const signedOut: SessionState = { status: 'signedOut', epoch: 7, reason: 'signOut' }
const neverSignedIn: SessionState = { status: 'signedOut', epoch: 7 }
const states = { restoring, failing, signedIn, signedInForeign, signedOut, neverSignedIn }

const nothing: StoredSession = { kind: 'nothing' }
const ended: StoredSession = { kind: 'ended' }
const found = (tokens: TokenSet): StoredSession => ({ kind: 'tokens', tokens })
const elsewhere = (sessionId: string): StoredSession => ({ kind: 'elsewhere', sessionId })

type StateName = keyof typeof states
const unchanged = 'unchanged'
const next = (state: SessionState, event: SessionEvent): SessionState | typeof unchanged => {
  const result = transition(state, event)
  return result === state ? unchanged : result
}

describe('transition', () => {
  it('S1: begins by restoring', () => {
    expect(initialState).toEqual({ status: 'restoring', epoch: 0 })
  })

  it.each(Object.entries(states))('S1: a sign-in begins an epoch, from %s', (_, state) => {
    expect(next(state, { type: 'signedIn', tokens: bob })).toEqual({ status: 'signedIn', epoch: 8, tokens: bob })
    expect(next(state, { type: 'signedIn', tokens: ann })).toEqual({ status: 'signedIn', epoch: 8, tokens: ann })
  })

  it.each<[StateName, SessionState | typeof unchanged]>([
    ['restoring', { status: 'signedIn', epoch: 8, tokens: annLater }],
    ['failing', { status: 'signedIn', epoch: 8, tokens: annLater }],
    ['signedIn', { status: 'signedIn', epoch: 7, tokens: annLater }],
    ['signedOut', unchanged],
    ['neverSignedIn', unchanged],
  ])('F9: a refresh keeps the session and never brings one back, from %s', (name, expected) => {
    expect(next(states[name], { type: 'refreshed', epoch: 7, tokens: annLater })).toEqual(expected)
  })

  it.each<[StateName, SessionState | typeof unchanged]>([
    ['restoring', failing],
    ['failing', failing],
    ['signedIn', unchanged],
    ['signedOut', unchanged],
  ])('S2: what cannot be known leaves it restoring with an error, from %s', (name, expected) => {
    expect(next(states[name], { type: 'restoreFailed', epoch: 7, error })).toEqual(expected)
  })

  it.each<[StateName, SessionState | typeof unchanged]>([
    ['restoring', { status: 'signedOut', epoch: 8, reason: 'refreshRejected' }],
    ['failing', { status: 'signedOut', epoch: 8, reason: 'refreshRejected' }],
    ['signedIn', { status: 'signedOut', epoch: 8, reason: 'refreshRejected' }],
    ['signedOut', unchanged],
    ['neverSignedIn', unchanged],
  ])('S1: an end ends the epoch, once, from %s', (name, expected) => {
    expect(next(states[name], { type: 'ended', epoch: 7, reason: 'refreshRejected' })).toEqual(expected)
  })

  it('S2: where no session has ended, there is no reason', () => {
    expect(next(restoring, { type: 'ended', epoch: 7 })).toStrictEqual({ status: 'signedOut', epoch: 8 })
  })

  interface Reading {
    readonly rule: string
    readonly from: StateName
    readonly found: StoredSession
    /** What comes of it, without and with `refreshWithoutToken`. */
    readonly expected: SessionState | typeof unchanged
    readonly tokenless?: SessionState | typeof unchanged
  }
  const signedOutElsewhere: SessionState = { status: 'signedOut', epoch: 8, reason: 'signedOutElsewhere' }
  const readings: Reading[] = [
    {
      rule: 'S2: found at the start',
      from: 'restoring',
      found: found(ann),
      expected: { status: 'signedIn', epoch: 8, tokens: ann },
    },
    {
      rule: 'S2: found after a failure',
      from: 'failing',
      found: found(ann),
      expected: { status: 'signedIn', epoch: 8, tokens: ann },
    },
    {
      rule: 'S2: nothing at the start',
      from: 'restoring',
      found: nothing,
      expected: neverSignedIn,
      tokenless: unchanged,
    },
    {
      rule: 'S2: nothing after a failure',
      from: 'failing',
      found: nothing,
      expected: neverSignedIn,
      tokenless: unchanged,
    },
    { rule: 'S2: ended on purpose', from: 'restoring', found: ended, expected: neverSignedIn },
    {
      rule: 'S2: a session out of reach',
      from: 'restoring',
      found: elsewhere('ann'),
      expected: neverSignedIn,
      tokenless: unchanged,
    },

    { rule: 'H4: the same tokens', from: 'signedIn', found: found({ ...ann }), expected: unchanged },
    {
      rule: 'H4: newer tokens of this session',
      from: 'signedIn',
      found: found(annLater),
      expected: { status: 'signedIn', epoch: 7, tokens: annLater },
    },
    {
      rule: 'H4: another sign-in',
      from: 'signedIn',
      found: found(bob),
      expected: { status: 'signedIn', epoch: 8, tokens: bob },
    },
    {
      rule: 'H4: tokens that say nothing of their session are of this one, whose id stays',
      from: 'signedIn',
      found: found(foreign),
      expected: { status: 'signedIn', epoch: 7, tokens: { ...foreign, sessionId: 'ann' } },
    },
    { rule: 'H4: a sign-out elsewhere', from: 'signedIn', found: nothing, expected: signedOutElsewhere },
    { rule: 'H4: an end elsewhere', from: 'signedIn', found: ended, expected: signedOutElsewhere },
    { rule: 'H4: this session, out of reach', from: 'signedIn', found: elsewhere('ann'), expected: unchanged },
    {
      rule: 'H4: another sign-in, out of reach',
      from: 'signedIn',
      found: elsewhere('bob'),
      expected: signedOutElsewhere,
      tokenless: { status: 'restoring', epoch: 8 },
    },
    {
      rule: 'H4: a session out of reach, nothing known of ours',
      from: 'signedInForeign',
      found: elsewhere('bob'),
      expected: unchanged,
    },

    {
      rule: 'H4: a sign-in elsewhere',
      from: 'signedOut',
      found: found(bob),
      expected: { status: 'signedIn', epoch: 8, tokens: bob },
    },
    {
      rule: 'S6: a sign-in elsewhere, out of reach',
      from: 'signedOut',
      found: elsewhere('bob'),
      expected: unchanged,
      tokenless: { status: 'restoring', epoch: 8 },
    },
    { rule: 'S6: still nothing', from: 'signedOut', found: nothing, expected: unchanged },
    { rule: 'S6: still ended', from: 'neverSignedIn', found: ended, expected: unchanged },
  ]
  it.each(readings)('$rule, while $from', ({ from, found, expected, tokenless = expected }) => {
    expect(next(states[from], { type: 'stored', epoch: 7, found, tokenless: false })).toEqual(expected)
    expect(next(states[from], { type: 'stored', epoch: 7, found, tokenless: true })).toEqual(tokenless)
  })

  it('H4: another user is another session, also without a sessionId', () => {
    const [annJwt, bobJwt] = ['ann', 'bob'].map((sub) => jwt({ iss: 'https://a', sub }))
    const state: SessionState = { status: 'signedIn', epoch: 7, tokens: { accessToken: String(annJwt) } }
    const tokens: TokenSet = { accessToken: String(bobJwt) }
    expect(next(state, { type: 'stored', epoch: 7, found: found(tokens), tokenless: false })).toEqual({
      status: 'signedIn',
      epoch: 8,
      tokens,
    })
  })

  it.each(Object.entries(states))('F9: what belongs to another epoch changes nothing, from %s', (_, state) => {
    for (const epoch of [6, 8]) {
      expect(next(state, { type: 'refreshed', epoch, tokens: bob })).toBe(unchanged)
      expect(next(state, { type: 'restoreFailed', epoch, error })).toBe(unchanged)
      expect(next(state, { type: 'ended', epoch, reason: 'signOut' })).toBe(unchanged)
      for (const stored of [found(bob), nothing, ended, elsewhere('bob')]) {
        expect(next(state, { type: 'stored', epoch, found: stored, tokenless: true })).toBe(unchanged)
      }
    }
  })

  it('F9: whatever happens, an epoch holds one session and never comes back', () => {
    const tokens = fc.constantFrom(ann, annLater, bob, foreign)
    const stored = fc.oneof(tokens.map(found), fc.constantFrom(nothing, ended, elsewhere('ann'), elsewhere('bob')))
    const event = fc.oneof(
      tokens.map((tokens) => (): SessionEvent => ({ type: 'signedIn', tokens })),
      tokens.map(
        (tokens) =>
          (epoch: number): SessionEvent => ({ type: 'refreshed', epoch, tokens }),
      ),
      fc.tuple(stored, fc.boolean()).map(
        ([found, tokenless]) =>
          (epoch: number): SessionEvent => ({ type: 'stored', epoch, found, tokenless }),
      ),
      fc.constantFrom(
        (epoch: number): SessionEvent => ({ type: 'restoreFailed', epoch, error }),
        (epoch: number): SessionEvent => ({ type: 'ended', epoch, reason: 'signOut' }),
      ),
    )
    // Events name the present epoch or one that is over.
    const events = fc.array(fc.tuple(event, fc.constantFrom(0, 0, 0, 1, 2)), { maxLength: 30 })
    fc.assert(
      fc.property(events, (events) => {
        let state: SessionState = initialState
        for (const [event, age] of events) {
          const before: SessionState = state
          state = transition(before, event(before.epoch - age))
          expect(state.epoch - before.epoch).toBeOneOf([0, 1])
          if (state.epoch !== before.epoch) continue
          // In one epoch a session is awaited, then there is none; or there is one, and it stays.
          const steps = ['restoring restoring', 'restoring signedOut', 'signedIn signedIn', 'signedOut signedOut']
          expect(steps).toContain(`${before.status} ${state.status}`)
        }
      }),
    )
  })
})
