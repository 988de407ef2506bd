import type { Clock } from '../core/clock'
import type { SessionStore } from './session-store'

/** R5: a resource server that refuses every token causes one refresh per cooldown; one that accepts each for a while, one per expiry. */
export interface RefusalCooldown {
  /** Would it matter that a resource server takes this access token? */
  awaits(accessToken: string | undefined): boolean
  /** A resource server took this access token. */
  accepted(accessToken: string): void
  /** The present token came of a refresh just now. */
  refreshed(): void
  /** The present token came from the app itself: no refresh gave it, and no resend was refused with it. */
  given(): void
  /** A request was refused with a token it was sent again with. */
  refusedResend(): void
  /** Does a refusal start no refresh now? */
  holds(): boolean
  /** Did a resend fail just now? Then not even a refusal that asks for claims starts a refresh. */
  holdsAll(): boolean
}

export function createRefusalCooldown(store: SessionStore, clock: Clock, cooldownMs: number): RefusalCooldown {
  let refusedResendAt = Number.NEGATIVE_INFINITY
  /** When the present token came of a refresh that no resource server has confirmed yet. */
  let unconfirmedSince = Number.NEGATIVE_INFINITY

  store.watch((state, before) => {
    if (state.epoch !== before.epoch) refusedResendAt = unconfirmedSince = Number.NEGATIVE_INFINITY
    else if (
      state.status === 'signedIn' &&
      before.status === 'signedIn' &&
      state.tokens.accessToken !== before.tokens.accessToken
    ) {
      refreshed()
    }
  })
  const refreshed = (): void => {
    unconfirmedSince = clock.monotonic()
  }
  const awaits = (accessToken: string | undefined): boolean =>
    unconfirmedSince !== Number.NEGATIVE_INFINITY && store.tokens()?.accessToken === accessToken
  const recent = (instant: number): boolean => clock.monotonic() - instant < cooldownMs
  return {
    awaits,
    accepted(accessToken) {
      if (awaits(accessToken)) unconfirmedSince = Number.NEGATIVE_INFINITY
    },
    refreshed,
    given() {
      refusedResendAt = unconfirmedSince = Number.NEGATIVE_INFINITY
    },
    refusedResend() {
      refusedResendAt = clock.monotonic()
    },
    holds: () => recent(refusedResendAt) || recent(unconfirmedSince),
    holdsAll: () => recent(refusedResendAt),
  }
}
