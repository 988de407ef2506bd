import { describe, expect, it } from 'vitest'
import { findTokenflightError } from '../../src/errors/find-tokenflight-error'
import { isTokenflightError } from '../../src/errors/is-tokenflight-error'
import { StorageError } from '../../src/errors/storage-error'

const own = new StorageError('x')
const nested = (depth: number): unknown => (depth === 0 ? own : { cause: nested(depth - 1) })
const cyclic: Record<string, unknown> = { networkError: {} }
cyclic['cause'] = cyclic

describe('isTokenflightError', () => {
  it.each<[name: string, value: unknown]>([
    ['itself', own],
    ['as a cause', new Error('x', { cause: own })],
    ['as a networkError (Apollo, urql)', { networkError: own }],
    ['as an originalError', { originalError: { cause: own } }],
    ['of another copy of the package', Object.assign(new Error('x'), { [Symbol.for('tokenflight.error')]: true })],
    ['beside a circle', { cause: cyclic, originalError: own }],
    ['five deep', nested(5)],
  ])('finds one: %s', (_, value) => {
    expect(isTokenflightError(value)).toBe(true)
    expect(findTokenflightError(value)).toBeDefined()
  })

  it.each<[name: string, value: unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'AUTH_STORAGE'],
    ['a foreign error', Object.assign(new Error('x'), { code: 'AUTH_STORAGE' })],
    ['a circle', cyclic],
    ['a chain without an end', nested(1_000)],
  ])('finds none in %s', (_, value) => {
    expect(isTokenflightError(value)).toBe(false)
    expect(findTokenflightError(value)).toBeUndefined()
  })

  it('X3: survives what throws when it is read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(isTokenflightError(proxy)).toBe(false)
    expect(isTokenflightError({ cause: proxy })).toBe(false)
  })
})
