import { inspect } from 'node:util'
import { AxiosError } from 'axios'
import { describe, expect, it } from 'vitest'
import { reduceCause } from '../../src/errors/reduce-cause'
import { RefreshRejectedError } from '../../src/errors/refresh-rejected-error'
import { RefreshUnavailableError } from '../../src/errors/refresh-unavailable-error'

describe('reduceCause', () => {
  it('X1: keeps our own errors', () => {
    const own = new RefreshRejectedError('x')
    expect(reduceCause(own)).toBe(own)
  })

  it.each<[name: string, error: unknown, expected: unknown]>([
    ['nothing', undefined, undefined],
    ['null', null, null],
    ['an error', new RangeError('s3cret'), { name: 'RangeError' }],
    [
      'an error with a code',
      Object.assign(new Error('s3cret'), { code: 'ECONNRESET' }),
      { name: 'Error', code: 'ECONNRESET' },
    ],
    [
      'fetch’s error',
      new TypeError('fetch failed', { cause: Object.assign(new Error('s3cret'), { code: 'ECONNREFUSED' }) }),
      { name: 'TypeError', code: 'ECONNREFUSED' },
    ],
    ['a timeout', new DOMException('s3cret', 'TimeoutError'), { name: 'TimeoutError' }],
    [
      'an answer',
      Object.assign(new AxiosError('s3cret', 'ERR_BAD_REQUEST'), { response: { status: 401, data: 's3cret' } }),
      { name: 'AxiosError', code: 'ERR_BAD_REQUEST', status: 401 },
    ],
    ['an object', { status: 418, secret: 's3cret' }, { name: 'object', status: 418 }],
    ['a string', 's3cret', { name: 'string' }],
    [
      'a name that is none',
      { name: `s3cret ${'x'.repeat(99)}`, code: 's3cret\n', status: '200 s3cret' },
      { name: 'object' },
    ],
  ])('X1: of %s only name, code and status are left', (_, error, expected) => {
    expect(reduceCause(error)).toEqual(expected)
    const shown = new RefreshUnavailableError('x', { cause: reduceCause(error) })
    expect(inspect(shown, { depth: 9, showHidden: true }) + JSON.stringify(shown)).not.toContain('s3cret')
  })

  it('X3: survives what throws when it is read', () => {
    const bomb = {
      get name(): string {
        throw new Error('boom')
      },
    }
    expect(reduceCause(bomb)).toEqual({ name: 'object' })
  })
})
