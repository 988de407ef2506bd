import { AxiosError, type InternalAxiosRequestConfig } from 'axios'
import { isBranded } from '../../errors/tokenflight-error'

/** What axios rejects with when a request was not sent: our `code`, our error as `cause` (R6). */
export function neverSent(cause: unknown, config: InternalAxiosRequestConfig): AxiosError {
  const message = cause instanceof Error ? cause.message : 'The request was not sent'
  const error = new AxiosError(message, isBranded(cause) ? cause.code : undefined, config)
  Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true })
  return error
}
