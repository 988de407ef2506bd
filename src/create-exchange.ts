import type { AuthClientOptions } from './core/auth-client-options'
import type { Refresher } from './core/refresher'
import { urlJoiner } from './core/url-joiner'
import { defaults } from './create-auth-client'
import { reduceCause } from './errors/reduce-cause'
import { needsRefreshToken } from './session/needs-refresh-token'
import { createPlainFetch } from './session/plain-fetch'
import { createRefreshExchange, type RefreshExchange } from './session/refresh-exchange'
import { createReporter } from './session/report'
import { systemClock } from './session/system-clock'

export interface CreateExchangeOptions
  extends Pick<
    AuthClientOptions,
    'baseUrl' | 'fetch' | 'clock' | 'random' | 'onError' | 'refreshTimeoutMs' | 'refreshRetries' | 'rejectedStatuses'
  > {
  readonly refresh: Refresher
}

/** The exchange of `createAuthClient` alone, without a session: for servers that keep the tokens in the request. */
export function createExchange(options: CreateExchangeOptions): RefreshExchange {
  const { refresh, clock = systemClock, random = Math.random, rejectedStatuses = [400, 401] } = options
  const { refreshTimeoutMs = defaults.refreshTimeoutMs, refreshRetries = defaults.refreshRetries } = options
  const baseUrl = options.baseUrl !== undefined && URL.canParse(options.baseUrl) ? new URL(options.baseUrl) : undefined
  return createRefreshExchange({
    refresh: needsRefreshToken(refresh),
    fetch: createPlainFetch(() => options.fetch ?? globalThis.fetch, urlJoiner(baseUrl)),
    clock,
    random,
    foreign: createReporter(options.onError, reduceCause).foreign,
    options: { refreshTimeoutMs, refreshRetries, rejectedStatuses },
  })
}
