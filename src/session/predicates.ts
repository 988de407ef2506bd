import type { Authenticate, RequestFacts, ResponseFacts } from '../core/authorizer'
import { detachedRequest, detachedResponse } from '../core/detached-facts'
import { isPromise, type MaybePromise } from '../core/maybe-promise'
import { judgeRefusal, type Refusal } from '../core/refusal'
import { ConfigurationError } from '../errors/configuration-error'

/** What the app decides itself. */
export interface OwnPredicates {
  readonly authenticate?: ((request: RequestFacts) => Authenticate) | undefined
  readonly isTokenRefused?: ((response: ResponseFacts, request: RequestFacts) => MaybePromise<boolean>) | undefined
}

export interface Predicates {
  /** A4. What the request says itself counts first. */
  authenticate(request: RequestFacts): Authenticate
  /** R1. */
  judge(response: ResponseFacts, request: RequestFacts): MaybePromise<Refusal>
}

/** The app's own predicates where it has them; where one throws, what holds without it (Q5). */
export function createPredicates(
  own: OwnPredicates & { readonly scheme: string },
  report: (error: unknown) => void,
): Predicates {
  return {
    authenticate(request) {
      if (request.authenticate !== undefined) return request.authenticate
      if (!own.authenticate) return true
      try {
        const answer: MaybePromise<Authenticate> = own.authenticate(detachedRequest(request))
        if (!isPromise(answer)) return answer
        answer.then(undefined, report)
        throw new ConfigurationError('The option authenticate has to answer at once, not with a promise.')
      } catch (error) {
        report(error)
        return true
      }
    },
    judge(response, request) {
      const standard = judgeRefusal(response.status, response.header('www-authenticate'), own.scheme)
      if (!own.isTokenRefused) return standard
      const decide = (refused: boolean): Refusal => {
        if (refused === true) return standard.kind === 'refused' ? standard : { kind: 'refused' }
        return standard.kind === 'refused' ? { kind: 'accepted' } : standard
      }
      const failed = (error: unknown): Refusal => {
        report(error)
        return standard
      }
      try {
        const refused = own.isTokenRefused(detachedResponse(response), detachedRequest(request))
        // it may be of another make than the engine's
        return isPromise(refused) ? Promise.resolve(refused).then(decide, failed) : decide(refused)
      } catch (error) {
        return failed(error)
      }
    },
  }
}
