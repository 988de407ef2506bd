import { describe, expect, it } from 'vitest'
import type { NextAuthSession } from '../../../src/frameworks/next-auth/session-json'
import { createSessionMemory } from '../../../src/frameworks/next-auth/session-memory'

const signedOut: NextAuthSession = { kind: 'signedOut' }
const session = (accessToken: string, owner?: string, sessionId?: string): NextAuthSession => ({
  kind: 'signedIn',
  tokens: { accessToken, ...(sessionId && { sessionId }) },
  isSpent: false,
  sessionId,
  owner,
})
const idOf = (read: NextAuthSession | undefined): unknown =>
  read?.kind === 'signedIn' && 'accessToken' in read.tokens && read.tokens.sessionId

/** A server that answers when it is told to. */
function manual() {
  const answers: ((session: NextAuthSession) => void)[] = []
  const failures: ((error: Error) => void)[] = []
  const memory = createSessionMemory(
    () =>
      new Promise((resolve, reject) => {
        answers.push(resolve)
        failures.push(reject)
      }),
  )
  return { memory, answers, failures }
}

describe('the memory of the session', () => {
  it('asks once for all who ask, then answers at once', async () => {
    const { memory, answers } = manual()
    const readings = Promise.all([memory.read(), memory.read()])
    answers[0]?.(signedOut)
    expect(await readings).toEqual([signedOut, signedOut])
    expect(memory.read()).toEqual(signedOut)
    expect(answers).toHaveLength(1)
  })

  it('H4: a change while it asks has it ask again; the later answer stays, in whatever order they come', async () => {
    const { memory, answers } = manual()
    const first = memory.read()
    memory.outdate()
    const second = memory.read()
    answers[1]?.(session('new', 'alice', 's1'))
    await second
    answers[0]?.(session('old', 'alice', 's1'))
    await first
    expect(memory.read()).toMatchObject({ tokens: { accessToken: 'new' } })
  })

  it('S2: a failure is nothing to remember', async () => {
    const { memory, answers, failures } = manual()
    const reading = memory.read()
    failures[0]?.(new Error('away'))
    await expect(reading).rejects.toThrow('away')
    const again = memory.read()
    answers[1]?.(signedOut)
    expect(await again).toEqual(signedOut)
  })

  it('H4: sessions without an id get one, for as long as the same user is signed in', () => {
    const { memory } = manual()
    const seen = [session('1', 'alice'), session('2', 'alice'), session('3', 'bob'), signedOut, session('4', 'bob')]
    const ids = seen.map((one) => {
      memory.put(one)
      return idOf(memory.last)
    })
    expect(ids[0]).toEqual(expect.any(String))
    expect(ids[1]).toBe(ids[0])
    expect(new Set([ids[0], ids[2], ids[4]]).size).toBe(3)
  })

  it('leaves the id of the server alone', () => {
    const { memory } = manual()
    memory.put(session('1', 'alice', 's1'))
    expect(idOf(memory.last)).toBe('s1')
  })
})
