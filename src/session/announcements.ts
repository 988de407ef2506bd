import type { SignedOutReason } from '../core/session-state'
import { isStorageError } from '../errors/is-storage-error'
import { StorageError } from '../errors/storage-error'
import type { TokenflightError } from '../errors/tokenflight-error'
import type { Announcer, Defer } from './announcer'

/** Why and where a session ended. */
export interface Ending {
  readonly reason: SignedOutReason
  readonly url?: string | undefined
  readonly error?: TokenflightError
}

/** What listeners are told of the session (S3). */
export interface Announcements {
  began(epoch: number, source: 'signIn' | 'storage' | 'refresh', defer: Defer): void
  /** A session is over, and `ended` is still to come: it says why, so a request that finds nobody signed in says nothing before. */
  ending(reason: SignedOutReason): void
  /** `signedOut`, and `unauthenticated` where the login has to be shown. */
  ended(epoch: number, ending: Ending, defer: Defer): void
  /** Show the login now; at most once between two sign-ins. */
  unauthenticated(epoch: number, reason: SignedOutReason | 'noSession', details?: Omit<Ending, 'reason'>): void
  /** Somebody has signed in: what is said once may be said again. */
  anew(): void
  /** Tokens that others have refreshed were found. */
  refreshedElsewhere(epoch: number): void
  /** What the storage threw, reduced to what may be shown. */
  storageFailed(epoch: number, cause: unknown, defer: Defer): StorageError
}

interface Parts {
  readonly announcer: Announcer
  readonly isSignedIn: () => boolean
  /** Reduces what a storage threw to what may be shown. */
  readonly foreign: (error: unknown) => unknown
}

export function createAnnouncements({ announcer, isSignedIn, foreign }: Parts): Announcements {
  let saidUnauthenticated = false
  let isEnding = false

  function unauthenticated(
    epoch: number,
    reason: SignedOutReason | 'noSession',
    { url, error }: Omit<Ending, 'reason'> = {},
  ): void {
    // by now somebody may have signed in again, in a handler of the event before
    if (saidUnauthenticated || isEnding || isSignedIn()) return
    saidUnauthenticated = true
    announcer.emit('unauthenticated', epoch, {
      reason,
      ...(url === undefined ? {} : { url }),
      ...(error ? { error } : {}),
    })
  }

  return {
    unauthenticated,
    anew() {
      saidUnauthenticated = isEnding = false
    },
    ending(reason) {
      isEnding = showsLogin(reason)
    },
    began: (epoch, source, defer) => defer(() => announcer.emit('signedIn', epoch, { source })),
    ended(epoch, ending, defer) {
      const { reason } = ending
      defer(() => {
        isEnding = false
        announcer.emit('signedOut', epoch, { reason })
        if (showsLogin(reason)) unauthenticated(epoch, reason, ending)
      })
    },
    refreshedElsewhere: (epoch) =>
      announcer.emit('refreshed', epoch, { flightId: 0, durationMs: 0, attempts: 0, waiters: 0, source: 'storage' }),
    storageFailed(epoch, cause, defer) {
      const error = isStorageError(cause)
        ? cause
        : new StorageError('The token storage failed; see `cause`. Nobody is signed out by it.', {
            cause: foreign(cause),
          })
      defer(() => announcer.emit('storageError', epoch, { error }))
      return error
    },
  }
}

/** S3: not after what the user of this client has done. */
const showsLogin = (reason: SignedOutReason): boolean => reason !== 'signOut' && reason !== 'replaced'
