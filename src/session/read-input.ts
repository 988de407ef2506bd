import type { Clock } from '../core/clock'
import { parseTokens } from '../core/parse-tokens'
import type { TokenInput, TokenSet } from '../core/token-set'
import { InvalidTokenError } from '../errors/invalid-token-error'
import { maxAnswerBytes } from './plain-fetch'
import { isResponse, readText } from './read-body'

/** Reads what an app signs in with. At once, unless it is a `Response`. @throws InvalidTokenError `AUTH_INVALID_TOKEN` names the field */
export function readInput(input: TokenInput, clock: Clock): TokenSet | Promise<TokenSet> {
  const now = clock.now()
  return isResponse(input)
    ? readText(input, maxAnswerBytes).then((body) => parse(fromJson(input.status, body), now))
    : parse(input, now)
}

function parse(value: unknown, now: number): TokenSet {
  const parsed = parseTokens(value, { from: 'app', now })
  if ('error' in parsed) throw parsed.error
  return parsed.tokens
}

function fromJson(status: number, body: string): unknown {
  if (status >= 200 && status < 300) {
    try {
      return JSON.parse(body)
    } catch {
      // said below
    }
  }
  throw new InvalidTokenError(
    `The response with status ${status} holds no token set: sign in with a successful JSON answer of the token endpoint.`,
  )
}
