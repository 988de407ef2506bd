import { AxiosError, type InternalAxiosRequestConfig } from 'axios'
import { reduceCause } from '../../errors/reduce-cause'
import { isBranded } from '../../errors/tokenflight-error'

/** What axios rejects with when a request was not sent: our `code` and what else our error says, and that error as `cause` (R6). */
export function neverSent(cause: unknown, config: InternalAxiosRequestConfig): AxiosError {
  const [message, code] = isBranded(cause) ? [cause.message, cause.code] : ['The request was not sent']
  const error = new AxiosError(message, code, config)
  // no `status`: an AxiosError's is the resource server's
  if (isBranded(cause)) {
    const { retryable, oauthError, retryAfterMs } = cause
    Object.assign(error, {
      retryable,
      ...(oauthError && { oauthError }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  }
  return Object.defineProperty(error, 'cause', { value: reduceCause(cause), writable: true, configurable: true })
}
