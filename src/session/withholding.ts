import type { WithheldReason } from '../core/auth-events'
import type { Announcer } from './announcer'
import type { SessionStore } from './session-store'

/** So many origins are told apart; a predicate may be asked about any number of them. */
const maxNoted = 1000

/** A8: says once for each origin and reason that a request went out without the token there is. */
export interface Withholding {
  note(url: string, reason: WithheldReason): undefined
}

export function createWithholding(store: SessionStore, announcer: Announcer): Withholding {
  const noted = new Set<string>()
  return {
    note(url, reason) {
      if (store.state().status === 'signedOut' || noted.size >= maxNoted) return undefined
      const origin = URL.canParse(url) ? new URL(url).origin : 'null'
      const key = `${reason} ${origin}`
      if (noted.has(key)) return undefined
      noted.add(key)
      announcer.emit('tokenWithheld', store.state().epoch, { origin, reason })
      return undefined
    },
  }
}
