import type { NotResentReason } from './authorizer'

const mark = Symbol.for('tokenflight.notResent')

/** Leaves word on a response that its request was not sent again although its token was refreshed. Not enumerable: no log shows it. */
export function markNotResent(response: object, reason: NotResentReason): void {
  Object.defineProperty(response, mark, { value: reason, configurable: true })
}

/**
 * Why was this refused request not sent again although its token was refreshed? `'streamBody'`: a stream can be read only once,
 * so send it again yourself. `undefined`: nothing held it back.
 * @param responseOrError the 401 as your client handed it to you: a `Response`, an axios response, or an error that carries one
 */
export function notResentBecause(responseOrError: unknown): NotResentReason | undefined {
  const seen = new Set<unknown>()
  for (let value = responseOrError; isObject(value) && !seen.has(value); value = value.response ?? value.cause) {
    seen.add(value)
    if (value[mark] === 'streamBody') return 'streamBody'
  }
  return undefined
}

interface Carrier {
  readonly response?: unknown
  readonly cause?: unknown
  readonly [mark]?: unknown
}

const isObject = (value: unknown): value is Carrier => typeof value === 'object' && value !== null
