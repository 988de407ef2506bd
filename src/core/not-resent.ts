import { causesOf } from '../errors/causes-of'
import { readProperty } from '../errors/read-property'
import type { NotResentReason } from './authorizer'

const mark = Symbol.for('tokenflight.notResent')

/**
 * For transports: leaves word on a response that its request was not sent again although its token was refreshed, for
 * {@link notResentBecause}. Not enumerable: no log shows it.
 * @param response what the caller is handed out, or what its error has as `response`
 */
export function markNotResent(response: object, reason: NotResentReason): void {
  Object.defineProperty(response, mark, { value: reason, configurable: true })
}

/**
 * Why was this refused request not sent again although its token was refreshed? `'streamBody'`: a stream can be read only once,
 * so send it again yourself. `undefined`: nothing held it back.
 * @param responseOrError the 401 as your client handed it to you: a `Response`, an axios response, or an error that carries one
 */
export function notResentBecause(responseOrError: unknown): NotResentReason | undefined {
  for (const value of causesOf(responseOrError)) {
    if (isMarked(value) || isMarked(readProperty(value, 'response'))) return 'streamBody'
  }
  return undefined
}

const isMarked = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.getOwnPropertyDescriptor(value, mark)?.value === 'streamBody'
