import type { Clock } from '../core/clock'
import type { TokenSet } from '../core/token-set'
import { StorageError } from '../errors/storage-error'
import { type Defer, immediately } from './announcer'
import { inTime } from './in-time'
import { newSessionId } from './session-id'
import type { StoredTokens } from './stored-tokens'

export interface AdoptOptions {
  readonly defer?: Defer | undefined
  /** From then on they are used though they are not stored yet (monotonic ms). */
  readonly storedBy?: number | undefined
}

/** F4, F9: takes newer tokens of the same session over, unless it ended or moved on: stored first, then in use. */
export type Adopt = (
  epoch: number,
  previous: TokenSet | undefined,
  next: TokenSet,
  options?: AdoptOptions,
) => Promise<boolean>

interface Parts {
  readonly stored: StoredTokens
  readonly clock: Clock
  readonly session: {
    /** Is this session going on, and are these its tokens? */
    has(epoch: number, tokens: TokenSet | undefined): boolean
    /** Is this session going on, whatever its tokens? */
    goesOn(epoch: number): boolean
    look(defer: Defer): Promise<unknown> | unknown
    failed(cause: unknown, defer: Defer): void
    use(epoch: number, tokens: TokenSet, defer: Defer): void
  }
}

export function createAdoption({ stored, clock, session }: Parts): Adopt {
  let adopting: Promise<unknown> = Promise.resolve()

  /** False where somebody else was faster. */
  async function store(previous: TokenSet | undefined, next: TokenSet, isCurrent: () => boolean, defer: Defer) {
    if (await stored.replace(previous, next)) return true
    await session.look(defer)
    if (!isCurrent()) return false
    // the storage still held what an earlier write should have replaced
    if (await stored.replace(previous, next)) return true
    throw new StorageError('The token storage took neither of two replacements.')
  }

  async function adopt(...[epoch, previous, tokens, options = {}]: Parameters<Adopt>): Promise<boolean> {
    const { defer = immediately, storedBy } = options
    const isCurrent = (): boolean => session.has(epoch, previous)
    // without tokens to compare with, the storage cannot tell that the session was ended meanwhile
    if (!previous) await session.look(defer)
    if (!isCurrent()) return false
    const next = Object.freeze(
      previous ? { ...tokens } : { ...tokens, sessionId: stored.sessionId() ?? newSessionId() },
    )
    let isStored = true
    try {
      const storing = store(previous, next, isCurrent, defer)
      const isDone = storedBy === undefined ? storing : inTime(storing, storedBy - clock.monotonic(), clock, tooLate)
      if (!(await isDone)) return false
    } catch (cause) {
      isStored = false
      session.failed(cause, defer)
    }
    // whoever has moved them on by now knew them: written once more they would not be taken
    if (!isCurrent()) return isStored && session.goesOn(epoch)
    session.use(epoch, next, defer)
    return true
  }

  // one after another: what the one before makes current decides about the next, in memory as in the storage
  return (...adoption) => {
    const mine = adopting.then(() => adopt(...adoption))
    adopting = mine.catch(() => {})
    return mine
  }
}

const tooLate = (): StorageError =>
  new StorageError('The token storage took too long to take the new tokens, which are used all the same.')
