import { StorageError } from '../../errors/storage-error'
import type { Messages } from './messages'
import type { NextAuthApi } from './next-auth-api'
import type { PageRequest } from './page-requests'
import { type NextAuthSession, tokensOf } from './session-json'
import type { SessionMemory } from './session-memory'
import type { Turns } from './turns'

/** Signing out of next-auth so that it stays so. */
export interface SignOut {
  /** How often that was done. */
  readonly count: number
  /**
   * After all that is under way, in every tab. @throws StorageError when next-auth did not do it, or whatever the app's own throws
   */
  run(): Promise<void>
  /** Is this the session that was ended here? An answer that was under way can bring its cookie back. */
  isUndone(session: NextAuthSession): boolean
  /** Takes notice of somebody's `GET /session`; true when its answer may have undone a sign-out. */
  noteReading(request: PageRequest): boolean
  /** Was this request a part of a sign-out here? */
  madeItself(request: PageRequest): boolean
}

interface Parts {
  readonly api: NextAuthApi
  readonly turns: Turns
  readonly messages: Messages
  readonly memory: SessionMemory
  readonly signOut: (() => unknown) | undefined
}

interface Done {
  readonly sessionId: string | undefined
  readonly accessToken: string | undefined
  /** As `performance.now()`. */
  readonly startedAt: number
  readonly endedAt: number
}

export function createSignOut({ api, turns, messages, memory, signOut }: Parts): SignOut {
  let count = 0
  let last: Done | undefined
  /** A cookie may have come back: without a session's id, only then an equal access token is the old session's. */
  let isSuspect = false

  async function askNextAuth(): Promise<void> {
    const { status, body } = await api.signOut()
    if (status < 200 || status >= 300 || body === undefined) {
      throw new StorageError(
        `next-auth's sign-out was answered with ${status}; nobody is signed out of next-auth yet.`,
        {
          status,
        },
      )
    }
  }
  return {
    get count() {
      return count
    },
    async run() {
      const tokens = tokensOf(memory.last)
      const ended = {
        sessionId: tokens?.sessionId ?? last?.sessionId,
        accessToken: tokens?.accessToken ?? last?.accessToken,
      }
      await turns.alone(async () => {
        const startedAt = performance.now()
        await (signOut ?? askNextAuth)()
        last = { ...ended, startedAt, endedAt: performance.now() }
        isSuspect = false
        count += 1
        memory.put({ kind: 'signedOut' })
      })
      messages.tell('signout')
    },
    isUndone(session) {
      const tokens = tokensOf(session)
      if (!tokens || !last) return false
      return tokens.sessionId === last.sessionId || (isSuspect && tokens.accessToken === last.accessToken)
    },
    noteReading({ startedAt, endedAt }) {
      const overlaps = last !== undefined && startedAt < last.endedAt && endedAt > last.startedAt
      isSuspect ||= overlaps
      return overlaps
    },
    madeItself: ({ startedAt }) => last !== undefined && startedAt >= last.startedAt && startedAt <= last.endedAt,
  }
}
