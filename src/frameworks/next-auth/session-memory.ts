import type { MaybePromise } from '../../core/maybe-promise'
import type { NextAuthSession } from './session-json'

/** The session as it was read last: asked for once, then from memory. */
export interface SessionMemory {
  /** However old it is; `undefined` before the first reading. */
  readonly last: NextAuthSession | undefined
  /** From memory, unless it was never read or is out of date: then one request for all who ask. */
  read(): MaybePromise<NextAuthSession>
  /** What this page knows without asking. */
  put(session: NextAuthSession): void
  /** It may have changed: the next reading asks. */
  outdate(): void
}

interface Dated<T> {
  readonly age: number
  readonly value: T
}

export function createSessionMemory(ask: () => Promise<NextAuthSession>): SessionMemory {
  const named = createNaming()
  /** Counts what may have changed the session. */
  let age = 0
  let known: Dated<NextAuthSession> | undefined
  let asking: Dated<Promise<NextAuthSession>> | undefined

  async function askNow(asked: number): Promise<NextAuthSession> {
    try {
      const session = named(await ask())
      if (asked >= (known?.age ?? 0)) known = { age: asked, value: session }
      return session
    } finally {
      if (asking?.age === asked) asking = undefined
    }
  }
  return {
    get last() {
      return known?.value
    },
    read() {
      if (known?.age === age) return known.value
      // an answer to an earlier question may not show the change
      if (asking?.age !== age) asking = { age, value: askNow(age) }
      return asking.value
    },
    put(session) {
      known = { age, value: named(session) }
    },
    outdate() {
      age += 1
    },
  }
}

/** H4: sessions of a server that names none get an id for as long as the same user is signed in without a break. */
function createNaming(): (session: NextAuthSession) => NextAuthSession {
  let count = 0
  let current: { readonly owner: string | undefined; readonly sessionId: string } | undefined
  return (session) => {
    if (session.kind === 'signedOut') current = undefined
    if (session.kind === 'signedOut' || !('accessToken' in session.tokens) || session.tokens.sessionId !== undefined) {
      return session
    }
    const { owner, tokens } = session
    if (current === undefined || current.owner !== owner) {
      count += 1
      current = { owner, sessionId: `of this page ${count}` }
    }
    return { ...session, tokens: { ...tokens, sessionId: current.sessionId } }
  }
}
