import type { Clock } from '../../src/core/clock'
import type { Session } from './model-server'

interface RefreshStart {
  readonly by: string
  readonly session: Session
  readonly refreshToken: string
  /** Since when its client has held the storage's lock (monotonic ms); `undefined`: it does not. */
  readonly lockedAt: number | undefined
}

/** What the authorization server sees of refreshes, over all clients. */
export interface RefreshBook {
  /** Returns what to call when it is over; the first call counts. `heard`: its client got the new tokens. */
  start(start: RefreshStart, fail: (message: string) => void): (heard: boolean) => void
  refused(refreshToken: string, by: string): void
}

export function createRefreshBook(clock: Clock, refreshTimeoutMs: number): RefreshBook {
  const underWay = new Set<RefreshStart>()
  const spent = new Set<string>()
  const refusedTo = new Map<string, string>()
  return {
    start(start, fail) {
      const { by, session, refreshToken, lockedAt } = start
      // what is about to be cleared may be refreshed by one who does not know it yet
      const isOver = session.signedOut || session.mayBeEnded
      for (const other of underWay) {
        const failsOpen =
          lockedAt === undefined ||
          other.lockedAt === undefined ||
          clock.monotonic() - other.lockedAt >= refreshTimeoutMs
        if (other.session === session && !failsOpen && !isOver)
          fail(`F1: refreshes session ${session.id} while ${other.by === by ? 'it' : other.by} does`)
      }
      if (spent.has(refreshToken) && !isOver) fail(`H2: uses ${refreshToken} again`)
      if (refusedTo.get(refreshToken) === by && !isOver) fail(`F6: uses ${refreshToken} again, which was refused`)
      underWay.add(start)
      return (heard) => {
        if (underWay.delete(start) && heard) spent.add(refreshToken)
      }
    },
    refused: (refreshToken, by) => void refusedTo.set(refreshToken, by),
  }
}
