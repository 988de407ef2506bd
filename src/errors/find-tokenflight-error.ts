import { causesOf } from './causes-of'
import { isBranded, type TokenflightError } from './tokenflight-error'

/** The nearest error of this library: the value itself, or what it wraps in `cause`, `networkError` or `originalError`. */
export function findTokenflightError(value: unknown): TokenflightError | undefined {
  for (const cause of causesOf(value)) if (isBranded(cause)) return cause
  return undefined
}
