import type { AuthFetch, AuthRequestInit } from '../core/auth-client'
import type { Authenticate, Authorization, Authorizer, RequestFacts } from '../core/authorizer'
import { isPromise, type MaybePromise } from '../core/maybe-promise'
import type { ResolveUrl } from '../core/resolve-url'
import { ConfigurationError } from '../errors/configuration-error'
import { copied, isReadOnce, readHeader, withHeaders } from './fetch-headers'
import { FetchResponseFacts } from './fetch-response-facts'
import { followRedirects } from './redirects'

type Fetch = typeof globalThis.fetch

/**
 * A `fetch` that sends with the session's token, over the `fetch` that `send` gives at each request.
 * `resolve` makes relative URLs absolute, or says that it cannot. For a transport of your own, see docs/writing-a-transport.md.
 */
export function fetchWithAuth(auth: Authorizer, send: () => Fetch, resolve: ResolveUrl): AuthFetch {
  const authFetch = (input: RequestInfo | URL, init?: AuthRequestInit): Promise<Response> => {
    try {
      const fetch: LentFetch = send()
      // R4: over another one of the same session it would be sent a third time
      if (fetch[lentBy] === auth.authorize) return fetch(input, init)
      const request = new FetchRequest(input, init, fetch, resolve)
      const authorization = auth.authorize(request)
      if (!authorization) return request.sendUntouched()
      request.keep()
      return isPromise(authorization)
        ? authorization.then((it) => start(auth, request, it))
        : start(auth, request, authorization)
    } catch (error) {
      return Promise.reject(error)
    }
  }
  // what a runtime adds to its fetch (Bun: `preconnect`) is expected of one that takes its place
  return Object.assign(authFetch, globalThis.fetch, { [lentBy]: auth.authorize })
}

const lentBy = Symbol.for('tokenflight.fetch')

/** Is it the `fetch` of a session? */
export const isLent = (fetch: LentFetch | undefined): boolean => fetch?.[lentBy] !== undefined

interface LentFetch extends Fetch {
  readonly [lentBy]?: Authorizer['authorize']
}

function start(auth: Authorizer, request: FetchRequest, authorization: Authorization | undefined): Promise<Response> {
  if (!authorization) return request.sendUntouched()
  return request.send(authorization).then((response) => answered(auth, request, authorization, response))
}

function answered(
  auth: Authorizer,
  request: FetchRequest,
  sent: Authorization,
  response: Response,
): MaybePromise<Response> {
  const facts = new FetchResponseFacts(response, request.url)
  const next = auth.reauthorize(sent, request, facts)
  if (isPromise(next)) return next.then((it) => continued(auth, request, facts, it))
  return next ? continued(auth, request, facts, next) : facts.handOut()
}

function continued(
  auth: Authorizer,
  request: FetchRequest,
  facts: FetchResponseFacts,
  next: Authorization | undefined,
): MaybePromise<Response> {
  if (!next) return facts.handOut()
  facts.discard()
  return request.send(next).then((response) => answered(auth, request, next, response))
}

/** One call of `fetch`, as the authorizer sees it and as it can be sent more than once. */
class FetchRequest implements RequestFacts {
  readonly url: string
  readonly authenticate: Authenticate | undefined
  readonly #request: Request | undefined
  readonly #fetch: Fetch
  #init: RequestInit | undefined
  /** What is sent next, with the body that the last one had. */
  #spare: Request | undefined

  constructor(input: RequestInfo | URL, init: AuthRequestInit | undefined, fetch: Fetch, resolve: ResolveUrl) {
    this.#fetch = fetch
    const request = isRequest(input) ? input : undefined
    this.url = request ? request.url : absolute(`${input}`, resolve)
    if (init && inherits(init)) {
      // spreading would lose what it inherits, and a Request what the platform does not know
      const { authenticate, body: _, ...own } = init
      this.#request = new Request(request ?? this.url, init)
      this.authenticate = authenticate
      this.#init = own
      return
    }
    this.#request = request
    if (init && 'authenticate' in init) {
      const { authenticate, ...rest } = init
      this.authenticate = authenticate
      this.#init = rest
    } else {
      this.#init = init
    }
  }
  get method(): string {
    return normalized(this.#init?.method ?? this.#request?.method ?? 'GET')
  }
  get signal(): AbortSignal | undefined {
    // null takes the one of the Request away
    const own = this.#init?.signal
    return own === undefined ? this.#request?.signal : (own ?? undefined)
  }
  get resendable(): boolean {
    return !isStream(this.#init?.body)
  }
  header(name: string): string | null | undefined {
    let own = this.#init?.headers
    if (own === undefined) return this.#request?.headers.get(name)
    if (isReadOnce(own)) {
      own = copied(own)
      this.#init = initWith(own, this.#init)
    }
    return readHeader(own, name)
  }
  /** B1: it stays as it was at the call, whatever its caller makes of its init later, and `fetch` of the one that it is given. */
  keep(): void {
    const init = this.#init
    if (init) this.#init = init.headers ? initWith(copied(init.headers), init) : { ...init }
  }
  sendUntouched(): Promise<Response> {
    return this.#call(this.#request ?? this.url, this.#init)
  }
  send({ headers }: Authorization): Promise<Response> {
    if (headers.length === 0) return this.sendUntouched()
    const request = this.#request
    const own = withHeaders(this.#init?.headers ?? request?.headers, headers)
    const init = initWith(own, request ? withReferrer(this.#init, request) : this.#init)
    return headers.every(isStandard) ? this.#call(this.#target(), init) : this.#sendCustom(init, headers)
  }
  #call(target: Request | string, init: RequestInit | undefined): Promise<Response> {
    // a page's fetch refuses to be called as a method
    const fetch = this.#fetch
    return fetch(target, init)
  }
  /** B2: a Request is sent itself, and used up as it is by `fetch`; a clone is kept while it may have to be sent again. */
  #target(): Request | string {
    const request = this.#spare ?? this.#request
    if (!request) return this.url
    // where a browser does not tell (`body` is undefined), there may be one
    if (request.body !== null && !request.bodyUsed && !this.#init?.body) this.#spare = request.clone()
    return request
  }
  /** A5: `fetch` would take a header of another name along to wherever a redirect leads. */
  async #sendCustom(init: RequestInit, headers: Authorization['headers']): Promise<Response> {
    const redirect = init.redirect ?? this.#request?.redirect ?? 'follow'
    if (redirect !== 'follow') return this.#call(this.#target(), init)
    // a page cannot see where a redirect leads
    if (typeof document !== 'undefined') return this.#call(this.#target(), { ...init, redirect: 'error' })
    const first = await this.#call(this.#target(), { ...init, redirect: 'manual' })
    if (first.type === 'opaqueredirect') throw new TypeError('fetch failed: unexpected redirect')
    const { url, method, signal = null } = this
    const spare = this.#spare
    const body = async (): Promise<BodyInit | null> => {
      if (init.body != null) {
        if (!this.resendable) throw new TypeError('fetch failed: a redirect of a stream body')
        return init.body
      }
      return spare ? spare.clone().arrayBuffer() : null
    }
    const hop = { url, method, headers: new Headers(init.headers), body }
    return followRedirects(
      first,
      hop,
      headers.map(([name]) => name),
      (to, change) => this.#call(to, { ...init, signal, ...change }),
    )
  }
}

/** Headers are named first: V8 gives each `{ ...init, headers }` a hidden class of its own, which costs 1 µs. */
function initWith(headers: HeadersInit, init: RequestInit | undefined): RequestInit {
  const copy: RequestInit = { headers, ...init }
  copy.headers = headers
  return copy
}

/** Does it inherit any of its members, as a Request does, another instance, or `Object.create(defaults)`? */
const inherits = (init: object): boolean => Object.getPrototypeOf(Object.getPrototypeOf(init) ?? init) !== null

/** Next to an init, `fetch` forgets that of the Request (Fetch standard §5.4). */
const withReferrer = (init: RequestInit | undefined, { referrer, referrerPolicy }: Request): RequestInit | undefined =>
  referrer === 'about:client' && !referrerPolicy ? init : { referrer, referrerPolicy, ...init }

/** A redirect to another origin leaves it behind, by the Fetch standard (§4.4). */
const isStandard = ([name]: readonly [string, string]): boolean => name === 'authorization'

function absolute(url: string, resolve: ResolveUrl): string {
  const joined = resolve(url)
  if (joined !== undefined) return joined
  throw new ConfigurationError(
    `The relative URL ${JSON.stringify(url.replace(/[?#].*$/s, ''))} has nothing to be relative to: set the option baseUrl, with its scheme and host.`,
  )
}

/** As the Fetch standard spells methods (§2.2.1): `post` is sent as `POST`, `patch` as it is. */
const normalized = (method: string): string =>
  /^(?:delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method

/** Duck-typed, and without asking the runtime for its `Request` at each call. */
const isRequest = (value: unknown): value is Request => typeof value === 'object' && value !== null && 'clone' in value

/** B3: what is gone once it was sent. */
const isStream = (body: unknown): boolean =>
  typeof body === 'object' &&
  body !== null &&
  ('getReader' in body || 'pipe' in body || Symbol.asyncIterator in body) &&
  !(body instanceof Blob)
