import type { AxiosResponse } from 'axios'
import type { NotResentReason, ResponseFacts } from '../../core/authorizer'
import { markNotResent } from '../../core/not-resent'
import { isText } from '../is-text'
import { bodyText } from './body-text'
import { finalUrl } from './final-url'
import { headerKey } from './header-key'
import { StreamedBody } from './streamed-body'

/** So much of a body is looked at, or kept (R1, R7). */
const bodyLimit = 64 * 1024

/** An axios response as the authorizer sees it, before `transformResponse`. */
export class AxiosResponseFacts implements ResponseFacts {
  readonly #response: AxiosResponse
  #streamed: StreamedBody | undefined

  constructor(response: AxiosResponse) {
    this.#response = response
  }

  get status(): number {
    return this.#response.status
  }

  get url(): string | undefined {
    const { config, request } = this.#response
    // over a socket no redirect leads to another server, and axios makes up the URL
    return config?.socketPath ? undefined : finalUrl(request)
  }

  header(name: string): string | undefined {
    const { headers } = this.#response
    const key = headerKey(headers, name)
    return key === undefined ? undefined : String(headers[key])
  }

  async text(): Promise<string | undefined> {
    const type = this.header('content-type') ?? ''
    if (!isText(type)) return undefined
    return bodyText((await this.#stream?.peek()) ?? this.#response.data, bodyLimit)
  }

  /** What is not a stream has been read by axios already. */
  release(): void {
    this.#stream?.release()
  }

  /** It was sent again, and nobody gets this one. */
  discard(): void {
    this.#streamed?.discard()
  }

  notResent(reason: NotResentReason): void {
    markNotResent(this.#response, reason)
  }

  get #stream(): StreamedBody | undefined {
    this.#streamed ??= StreamedBody.of(this.#response, bodyLimit)
    return this.#streamed
  }
}
