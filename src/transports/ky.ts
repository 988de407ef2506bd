import ky, { type BeforeRetryHook, type KyInstance, type RetryOptions } from 'ky'
import type { Authenticate, Authorizer } from '../core/authorizer'
import { isBranded } from '../errors/tokenflight-error'
import { checkSession } from './check-session'
import { fetchWithAuth } from './fetch'

declare module 'ky' {
  interface Options {
    /**
     * `false`: sent untouched · `'required'`: rejects with `UnauthenticatedError` before it is sent when nobody is signed in ·
     * `true`: overrules the client's `authenticate` option.
     */
    authenticate?: Authenticate
  }
}

type ShouldRetry = NonNullable<RetryOptions['shouldRetry']>

/**
 * A ky instance like the given one, whose requests carry the session's access token, wait for a refresh where one is needed, and are
 * sent once more when their token was refused: without ky's delay, and counting for none of its retries. Hooks, `retry`, `timeout`
 * and a `fetch` of your own work as before; `timeout` counts the wait.
 *
 * A request that was not sent rejects with our error, which ky retries only where it is `retryable`.
 * @param instance is not changed. @defaultValue ky itself
 * @throws ConfigurationError `AUTH_CONFIGURATION` for what is no session
 */
export function kyWithAuth(auth: Authorizer, instance: KyInstance = ky): KyInstance {
  checkSession(auth)
  return instance.extend(({ fetch, retry }) => ({
    fetch: fetchWithAuth(auth, () => fetch ?? globalThis.fetch, absolute),
    retry: {
      ...(typeof retry === 'number' ? { limit: retry } : undefined),
      shouldRetry: unlessOurs(typeof retry === 'object' ? retry.shouldRetry : undefined),
    },
    // a request's own `retry` may have replaced the rule
    hooks: { beforeRetry: [throwFinal] },
  }))
}

const throwFinal: BeforeRetryHook = ({ error }) => {
  if (isFinal(error)) throw error
}

/** ky hands over a `Request`, whose URL is absolute. */
const absolute = (url: string): string => url

/** ky 1 retries whatever its `fetch` rejects with, ky 2 only network errors. */
const unlessOurs =
  (shouldRetry: ShouldRetry | undefined): ShouldRetry =>
  async (state) => {
    if (isFinal(state.error)) return false
    return (await shouldRetry?.(state)) ?? (isBranded(state.error) ? true : undefined)
  }

const isFinal = (error: unknown): boolean => isBranded(error) && !error.retryable
