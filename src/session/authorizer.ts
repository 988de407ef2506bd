import type { Authenticate, Authorization, Authorizer, RequestFacts, ResponseFacts } from '../core/authorizer'
import { isPromise, type MaybePromise } from '../core/maybe-promise'
import type { OriginPolicy } from '../core/origins'
import type { Refusal } from '../core/refusal'
import type { TokenNeed } from '../core/token-set'
import { isBranded } from '../errors/tokenflight-error'
import { UnauthenticatedError } from '../errors/unauthenticated-error'
import type { Announcer } from './announcer'
import { createPredicates, type OwnPredicates } from './predicates'
import type { RefreshFlight } from './refresh-flight'
import type { RefusalCooldown } from './refusal-cooldown'
import type { SessionStore } from './session-store'
import { anyToken, type Offer, type TokenSource, type Wish } from './token-source'
import { unlessAborted } from './unless-aborted'
import type { Withholding } from './withholding'

interface Parts {
  readonly store: SessionStore
  readonly source: TokenSource
  readonly flight: RefreshFlight
  readonly cooldown: RefusalCooldown
  readonly announcer: Announcer
  readonly report: (error: unknown) => void
  readonly policy: OriginPolicy
  readonly withholding: Withholding
  /** Q4: is the refresher being started right now? What it sends then bypasses the session. */
  readonly isRefresherStarting: () => boolean
  readonly options: {
    readonly header: string
    readonly scheme: string
    readonly signOutOnSecondRefusal: boolean
  } & OwnPredicates
}

export function createAuthorizer(parts: Parts): Authorizer {
  const { store, source, flight, cooldown, announcer, report, policy, withholding, isRefresherStarting, options } =
    parts
  const predicates = createPredicates(options, report)
  const prefix = options.scheme === '' ? '' : `${options.scheme} `
  let cached: { readonly from: Offer['tokens']; readonly authorization: Authorization } | undefined

  /** A3: the present token of this session, or the one before it, as an app may have set it itself. */
  function isOurs(value: string): boolean {
    const carried = String(value).trim()
    // schemes are case-insensitive (RFC 9110 §11.1)
    if (carried.slice(0, prefix.length).toLowerCase() !== prefix.toLowerCase()) return false
    return [store.tokens()?.accessToken, store.lastAccessToken()].includes(carried.slice(prefix.length).trimStart())
  }

  function authorizationOf({ epoch, tokens }: Offer, need: TokenNeed, resend: boolean): Authorization {
    if (!tokens) return { headers: [], epoch, need, accessToken: undefined, resend }
    if (!resend && need === anyToken && cached?.from === tokens && cached.authorization.epoch === epoch)
      return cached.authorization
    const { accessToken } = tokens
    const authorization: Authorization = {
      headers: [[options.header, prefix + accessToken]],
      epoch,
      need,
      accessToken,
      resend,
    }
    if (!resend && need === anyToken) cached = { from: tokens, authorization }
    return authorization
  }

  function authorize(request: RequestFacts): MaybePromise<Authorization | undefined> {
    if (request.signal?.aborted || isRefresherStarting()) return undefined
    const authenticate = predicates.authenticate(request)
    if (authenticate === false) return undefined
    const placement = policy(request.url)
    if (placement !== 'allowed') return withholding.note(placement.origin, placement.withheld)
    const own = request.header(options.header)
    if (own != null && !isOurs(own)) return withholding.note(request.url, 'ownHeader')
    const wish: Wish = { need: anyToken, signal: request.signal, ahead: request.resendable ? undefined : 'expiring' }
    const offer = source.obtain(wish)
    return isPromise(offer) ? offer.then((it) => granted(it, authenticate)) : granted(offer, authenticate)
  }
  function granted(offer: Offer, authenticate: Authenticate): Authorization {
    if (!offer.tokens && authenticate === 'required') {
      throw new UnauthenticatedError(
        'Nobody is signed in, and this request asked not to be sent without a session. Sign in first.',
      )
    }
    return authorizationOf(offer, anyToken, false)
  }

  function reauthorize(
    sent: Authorization,
    request: RequestFacts,
    response: ResponseFacts,
  ): MaybePromise<Authorization | undefined> {
    // nearly every response: settled without asking for more than its status
    if (!options.isTokenRefused && response.status !== 401 && !cooldown.awaits(sent.accessToken)) return undefined
    if (cameFromElsewhere(request.url, response.url)) return undefined
    if (sent.accessToken === undefined) {
      if (response.status === 401)
        store.unauthenticated(store.state().epoch, 'noSession', { url: withoutQuery(request.url) })
      return undefined
    }
    const verdict = predicates.judge(response, request)
    return isPromise(verdict)
      ? unlessAborted(verdict, request.signal).then((it) => answer(sent, request, response, it))
      : answer(sent, request, response, verdict)
  }

  function answer(
    sent: Authorization,
    request: RequestFacts,
    response: ResponseFacts,
    verdict: Refusal,
  ): MaybePromise<Authorization | undefined> {
    if (verdict.kind === 'interactionRequired') {
      const { kind: _, ...wanted } = verdict
      announcer.emit('interactionRequired', sent.epoch, wanted)
    }
    if (verdict.kind !== 'refused') {
      if (sent.accessToken !== undefined && response.status < 500) cooldown.accepted(sent.accessToken)
      return undefined
    }
    const url = withoutQuery(request.url)
    announcer.emit('tokenRefused', sent.epoch, { url, status: response.status })
    const tokens = store.tokens()
    if (!tokens || store.state().epoch !== sent.epoch) return undefined
    if (sent.resend) {
      cooldown.refusedResend()
      return options.signOutOnSecondRefusal ? end(sent, request) : undefined
    }
    const need: TokenNeed = verdict.claims === undefined ? sent.need : { ...sent.need, claims: verdict.claims }
    const isStale = tokens.accessToken !== sent.accessToken && flight.satisfies(tokens, need)
    if (!isStale && !flight.possible()) {
      return end(sent, request)
    }
    const asksForMore = verdict.claims !== undefined && !flight.satisfies(tokens, need)
    const held = asksForMore ? cooldown.holdsAll() : cooldown.holds()
    if (!isStale && held && !flight.underWay()) return undefined
    if (request.signal?.aborted) return undefined
    if (isStale && !request.resendable) return notResent(response)
    return resend(sent, request, response, need, isStale)
  }

  /** S3, S5: the caller gets its own answer once the tokens are gone and everybody was told, unless it goes away before. */
  async function end({ epoch }: Authorization, { url, signal }: RequestFacts): Promise<undefined> {
    const ended = store.end(epoch, { reason: 'tokenRefused', url: withoutQuery(url) })
    await unlessAborted(ended, signal)
    return undefined
  }

  function resend(
    sent: Authorization,
    request: RequestFacts,
    response: ResponseFacts,
    need: TokenNeed,
    isStale: boolean,
  ): MaybePromise<Authorization | undefined> {
    response.release?.()
    const wish: Wish = { need, signal: request.signal, epoch: sent.epoch }
    const again = (offer: Offer): Authorization | undefined => {
      if (offer.tokens === undefined || offer.tokens.accessToken === sent.accessToken) return undefined
      return request.resendable ? authorizationOf(offer, need, true) : notResent(response)
    }
    try {
      const offer = isStale ? source.obtain(wish) : source.refreshed(wish, 'refused')
      // Q3: not a turn later than a request that was never sent
      return isPromise(offer) ? offer.then(again, ownAnswer) : again(offer)
    } catch (error) {
      return ownAnswer(error)
    }
  }
  return { authorize, reauthorize }
}

function notResent(response: ResponseFacts): undefined {
  response.notResent?.('streamBody')
  return undefined
}

/** F5 to F8: only an outage hides the response that the request did get; an aborted wait is its client's to reject. */
function ownAnswer(error: unknown): undefined {
  if (isBranded(error) && !error.retryable) return undefined
  throw error
}

/** A5: after a redirect to another origin, what that one says is not about our token. */
function cameFromElsewhere(requested: string, answered: string | undefined): boolean {
  if (!answered || answered === requested) return false
  return URL.canParse(answered) && new URL(answered).origin !== new URL(requested).origin
}

/** X1: a query may hold secrets. */
const withoutQuery = (url: string): string => url.replace(/[?#].*$/s, '')
