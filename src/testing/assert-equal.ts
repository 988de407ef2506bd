import { ContractBrokenError } from './contract-broken-error'

/**
 * Throws unless the two are equal: plain data (objects, arrays, primitives) by content, everything else by identity.
 * A property that is `undefined` equals one that is missing. Needs no test runner.
 * @param requirement what has to hold, as a sentence: it is the message of the error
 * @throws ContractBrokenError
 */
export function assertEqual(actual: unknown, expected: unknown, requirement: string): void {
  if (!isEqual(actual, expected)) throw new ContractBrokenError(requirement, { actual, expected })
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isEqual(item, b[at]))
  if (!isRecord(a) || !isRecord(b)) return false
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isEqual(a[key], b[key]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
