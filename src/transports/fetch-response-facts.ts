import type { NotResentReason, ResponseFacts } from '../core/authorizer'
import { markNotResent } from '../core/not-resent'
import { type HeldResponse, holdResponse, readStart } from './held-response'
import { isText } from './is-text'

/** A `Response` as the authorizer sees it, and as its caller may get it after all. */
export class FetchResponseFacts implements ResponseFacts {
  readonly #requested: string
  #response: Response | HeldResponse
  #notResent: NotResentReason | undefined

  constructor(response: Response, requested: string) {
    this.#response = response
    this.#requested = requested
  }
  get status(): number {
    return this.#response.status
  }
  /** A `fetch` that sends elsewhere by itself (a proxy for development, a service worker) is no redirect (A5). */
  get url(): string {
    const { redirected, url } = this.#response
    return redirected === false ? this.#requested : url
  }
  header(name: string): string | null {
    return this.#response.headers.get(name)
  }
  async text(): Promise<string | undefined> {
    const response = this.#response
    if (isHeld(response) || !isText(this.header('content-type') ?? '')) return undefined
    return readStart(response.clone())
  }
  release(): void {
    if (!isHeld(this.#response)) this.#response = holdResponse(this.#response)
  }
  notResent(reason: NotResentReason): void {
    this.#notResent = reason
  }
  handOut(): Response {
    const response = isHeld(this.#response) ? this.#response.restore() : this.#response
    if (this.#notResent) markNotResent(response, this.#notResent)
    return response
  }
  discard(): void {
    if (isHeld(this.#response)) this.#response.discard()
  }
}

const isHeld = (response: Response | HeldResponse): response is HeldResponse => 'restore' in response
