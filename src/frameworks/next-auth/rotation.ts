import type { MaybePromise } from '../../core/maybe-promise'
import type { RefreshOutcome } from '../../core/refresh-outcome'
import type { RefreshContext, RefreshTrigger } from '../../core/refresher'
import type { TokenInput, TokenSet } from '../../core/token-set'
import { defaults } from '../../create-auth-client'
import { type CreateExchangeOptions, createExchange } from '../../create-exchange'
import { RefreshMisconfiguredError } from '../../errors/refresh-misconfigured-error'
import type { GraceStore } from '../../sharing/grace-store'
import { type SharedExchange, shareExchange } from '../../sharing/shared-exchange'
import { processGraceStore } from './process-grace-store'

/** What a refresher gets. */
export interface NextAuthRefreshContext extends RefreshContext {
  /** The id of the provider that the user signed in with. */
  readonly provider: string | undefined
}

/** How a refresh is spoken: as a `Refresher`, which also learns the provider. */
export type NextAuthRefresher = (context: NextAuthRefreshContext) => MaybePromise<TokenInput>

export interface RotationOptions extends Omit<CreateExchangeOptions, 'refresh'> {
  /** Gets what has no caller. */
  readonly report: (error: unknown) => void
  readonly refresh: NextAuthRefresher | Readonly<Record<string, NextAuthRefresher>>
  readonly store?: GraceStore
  readonly graceMs?: number
}

export interface RotationRequest {
  readonly tokens: TokenSet
  readonly provider: string | undefined
}

/** H5. The refreshes of all requests: whoever brings the same refresh token gets what came of it. */
export interface Rotation {
  refresh(request: RotationRequest & { readonly trigger: RefreshTrigger }): Promise<RefreshOutcome>
  /** What is known to have come of this refresh token. Asks nobody. */
  recall(request: RotationRequest): Promise<RefreshOutcome | undefined>
  /** For a sign-in: this refresh token is good, whatever came of it before. Never rejects. */
  welcome(refreshToken: string): Promise<void>
  /** For a sign-out: refuses this refresh token and those that came of it. Never rejects. */
  forget(refreshToken: string): Promise<void>
}

export function createRotation(options: RotationOptions): Rotation {
  const { refresh, store = processGraceStore(), graceMs, clock, report } = options
  const { refreshTimeoutMs: timeoutMs = defaults.refreshTimeoutMs } = options
  const exchanges = new Map<string | undefined, SharedExchange>()

  function exchangeOf(provider: string | undefined): SharedExchange {
    const made = exchanges.get(provider)
    if (made) return made
    const refresher = refresherOf(refresh, provider)
    const parts = { ...options, refresh: (context: RefreshContext) => refresher({ ...context, provider }) }
    const [patient, brief] = [createExchange(parts), createExchange({ ...parts, refreshRetries: 0 })]
    // E4: while its token is still good, a request is not to wait for an outage to end.
    const shared = shareExchange((request) => (request.trigger === 'expiring' ? brief : patient)(request), {
      store,
      ...(graceMs !== undefined && { graceMs }),
      ...(clock && { now: () => clock.now() }),
    })
    exchanges.set(provider, shared)
    return shared
  }

  return {
    refresh: ({ tokens, provider, trigger }) =>
      exchangeOf(provider).exchange({ tokens, trigger, timeoutMs, superseded: async () => false }),
    recall: ({ tokens, provider }) => exchangeOf(provider).recall({ tokens }),
    welcome: (refreshToken) => exchangeOf(undefined).welcome(refreshToken).catch(report),
    forget: (refreshToken) => exchangeOf(undefined).forget(refreshToken).catch(report),
  }
}

function refresherOf(refresh: RotationOptions['refresh'], provider: string | undefined): NextAuthRefresher {
  if (typeof refresh === 'function') return refresh
  const found = provider !== undefined && Object.hasOwn(refresh, provider) ? refresh[provider] : undefined
  return found ?? unknownProvider(provider)
}

const unknownProvider =
  (provider: string | undefined): NextAuthRefresher =>
  () => {
    throw new RefreshMisconfiguredError(
      `The option refresh of createNextAuthServer has no refresher for the provider ${JSON.stringify(provider ?? null)}: add one under its id.`,
    )
  }
