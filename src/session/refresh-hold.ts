import type { Clock } from '../core/clock'
import { cooldownAfter } from '../core/refresh-backoff'
import type { RefreshTrigger } from '../core/refresher'
import type { TokenflightError } from '../errors/tokenflight-error'

/** How long a refresh that cannot work is left alone (F7). */
const misconfiguredHoldMs = 5 * 60_000

/** What earlier flights say about starting another one (F5, F7, F8). */
export interface RefreshHold {
  /** Why no flight starts now. */
  reason(trigger: RefreshTrigger): TokenflightError | undefined
  /** F5: from the second failure in a row, a cooldown. Returns how long it lasts (ms). */
  unavailable(error: TokenflightError, retryAfterMs: number | undefined): number
  /** H3: somebody else asked, and knows until when it is no use (ms from now). */
  inherited(error: TokenflightError, ms: number): void
  misconfigured(error: TokenflightError): void
  interactionRequired(error: TokenflightError): void
  /** A refresh worked, or another session began. */
  clear(): void
}

interface Held {
  readonly error: TokenflightError
  readonly until: number
  readonly overruledByForce: boolean
}

export function createRefreshHold(clock: Clock, cooldownMs: number): RefreshHold {
  let failures = 0
  let held: Held | undefined

  const hold = (error: TokenflightError, ms: number, overruledByForce: boolean): void => {
    held = { error, until: clock.monotonic() + ms, overruledByForce }
  }
  return {
    reason(trigger) {
      if (!held || clock.monotonic() >= held.until) return undefined
      return held.overruledByForce && trigger === 'forced' ? undefined : held.error
    },
    unavailable(error, retryAfterMs) {
      failures += 1
      const ms = cooldownAfter(failures, cooldownMs, retryAfterMs)
      hold(error, ms, false)
      return ms
    },
    inherited(error, ms) {
      failures += 1
      hold(error, ms, false)
    },
    misconfigured: (error) => hold(error, misconfiguredHoldMs, true),
    interactionRequired: (error) => hold(error, Number.POSITIVE_INFINITY, true),
    clear() {
      failures = 0
      held = undefined
    },
  }
}
