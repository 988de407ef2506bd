import type { InternalAxiosRequestConfig } from 'axios'
import type { Authenticate, RequestFacts } from '../../core/authorizer'
import { headerKey } from './header-key'
import { requestUrl } from './request-url'

/** An axios request as the authorizer sees it: everything is worked out when it is asked for. */
export class AxiosRequestFacts implements RequestFacts {
  readonly resendable: boolean
  readonly #config: InternalAxiosRequestConfig
  #url: string | undefined

  /** @param hasBytes what is in the config is a stream, but its bytes are at hand */
  constructor(config: InternalAxiosRequestConfig, hasBytes = false) {
    this.#config = config
    this.resendable = hasBytes || !isStream(config.data)
  }

  get url(): string {
    this.#url ??= requestUrl(this.#config)
    return this.#url
  }

  get method(): string {
    return (this.#config.method ?? 'get').toUpperCase()
  }

  header(name: string): string | undefined {
    const { headers, auth } = this.#config
    const key = headerKey(headers, name)
    const value = key === undefined ? undefined : headers[key]
    // `false` is axios's own word for "none": nor ours
    if (value != null) return value === false ? '' : String(value)
    // axios writes this one when it sends
    return auth && name.toLowerCase() === 'authorization' ? 'Basic' : undefined
  }

  get authenticate(): Authenticate | undefined {
    return this.#config.authenticate
  }

  /** So that a waiter who gives up is forgotten. What else ends its wait, the transport sees to. */
  get signal(): AbortSignal | undefined {
    const { signal } = this.#config
    return signal instanceof AbortSignal ? signal : undefined
  }
}

/** Streams of Node.js and of the web, and what the package form-data makes. A `FormData` can be sent again. */
const isStream = (data: unknown): boolean =>
  typeof data === 'object' &&
  data !== null &&
  (('pipe' in data && typeof data.pipe === 'function') || ('getReader' in data && typeof data.getReader === 'function'))
