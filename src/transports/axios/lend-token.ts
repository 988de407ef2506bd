import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios'
import type { Authorization } from '../../core/authorizer'
import { ConfigurationError } from '../../errors/configuration-error'
import type { FormBytes } from './form-bytes'
import { headerKey } from './header-key'
import { neverSent } from './never-sent'

/** One sending of a request. */
export interface Sending {
  readonly config: InternalAxiosRequestConfig
  /** What the request was to be sent with at first: some adapters take themselves out of the config. */
  readonly adapter: InternalAxiosRequestConfig['adapter']
  readonly send: AxiosAdapter
  /** What carries the token. */
  readonly headers: Authorization['headers']
  readonly url: string
  /** What is left of `timeout` after a wait (ms). */
  readonly timeoutMs: number | undefined
  /** Instead of the config's own data, which was used up. */
  readonly form: FormBytes | undefined
}

/** What the config said before the token was lent to it. */
export interface OwnSettings {
  /** What it got instead of its own `beforeRedirect`: by it a copy of the config is known. */
  readonly lent: InternalAxiosRequestConfig['beforeRedirect']
  readonly beforeRedirect: InternalAxiosRequestConfig['beforeRedirect'] | undefined
  readonly fetchOptions: InternalAxiosRequestConfig['fetchOptions'] | undefined
  readonly timeout: InternalAxiosRequestConfig['timeout'] | undefined
  readonly data: unknown
}

/**
 * Puts the token into the config in place: a copy would cost more than all else, and adapters answer with the config they got.
 * @returns what {@link takeTokenBack} needs, so that nobody who is given the config finds the token there (X1)
 * @throws AxiosError `AUTH_CONFIGURATION` where the adapter would carry a header of one's own to another origin (A5)
 */
export function lendToken({ config, send, headers, url, timeoutMs, form }: Sending): OwnSettings {
  const { beforeRedirect, fetchOptions, timeout, data } = config
  const custom = headers.some(isCustom)
  if (custom && send.name === 'xhr') throw neverSent(new ConfigurationError(xhrFollows), config)
  for (const [name, value] of headers) config.headers[headerKey(config.headers, name) ?? name] = value
  config.beforeRedirect = (next, ...details) => {
    if (originOf(next['href']) !== originOf(url)) deleteHeaders(next['headers'], headers)
    beforeRedirect?.(next, ...details)
  }
  if (custom && fetchOptions?.['redirect'] !== 'manual') config.fetchOptions = { ...fetchOptions, redirect: 'error' }
  if (timeoutMs !== undefined) config.timeout = timeoutMs
  if (form !== undefined) {
    config.data = form.bytes
    const key = headerKey(config.headers, 'content-type') ?? 'Content-Type'
    // axios's own word for "none"
    if (config.headers[key] !== false) config.headers[key] = form.contentType
  }
  return { lent: config.beforeRedirect, beforeRedirect, fetchOptions, timeout, data }
}

/** @param config the one it was lent to, or a copy of it that an adapter has made */
export function takeTokenBack(
  config: InternalAxiosRequestConfig,
  { headers, timeoutMs, form }: Sending,
  own: OwnSettings,
): void {
  deleteHeaders(config.headers, headers)
  restore(config, 'beforeRedirect', own.beforeRedirect)
  if (headers.some(isCustom)) restore(config, 'fetchOptions', own.fetchOptions)
  if (timeoutMs !== undefined) restore(config, 'timeout', own.timeout)
  if (form !== undefined) config.data = own.data
}

const xhrFollows =
  "axios's xhr adapter would take a header of your own wherever a redirect leads. Use adapter: 'fetch', or the Authorization header"

/** `Authorization` stays behind by the fetch standard. */
const isCustom = ([name]: readonly [string, string]): boolean => name.toLowerCase() !== 'authorization'

function originOf(url: unknown): string | undefined {
  try {
    return new URL(String(url)).origin
  } catch {
    return undefined
  }
}

function deleteHeaders(from: Record<string, unknown>, headers: Authorization['headers']): void {
  for (const [name] of headers) {
    const key = headerKey(from, name)
    if (key !== undefined) delete from[key]
  }
}

function restore<Key extends 'beforeRedirect' | 'fetchOptions' | 'timeout'>(
  config: InternalAxiosRequestConfig,
  key: Key,
  value: InternalAxiosRequestConfig[Key] | undefined,
): void {
  if (value === undefined) delete config[key]
  else config[key] = value
}
