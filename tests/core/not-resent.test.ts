import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { markNotResent, notResentBecause } from '../../src/core/not-resent'

describe('notResentBecause', () => {
  it('B3: reads the reason off the response', () => {
    const response = new Response(null, { status: 401 })
    expect(notResentBecause(response)).toBeUndefined()
    markNotResent(response, 'streamBody')
    expect(notResentBecause(response)).toBe('streamBody')
  })

  it('B3: looks into the error that carries the response, and into its causes', () => {
    const response = { status: 401 }
    markNotResent(response, 'streamBody')
    const rejected = Object.assign(new Error('401'), { response })
    expect(notResentBecause(rejected)).toBe('streamBody')
    expect(notResentBecause(new Error('upload failed', { cause: rejected }))).toBe('streamBody')
  })

  it('B3: shows in no log', () => {
    const response = { status: 401 }
    markNotResent(response, 'streamBody')
    expect(inspect(response)).toBe('{ status: 401 }')
    expect(JSON.stringify(response)).toBe('{"status":401}')
  })

  it('X3: survives what is no error, and causes in a circle', () => {
    const circular = new Error('circular')
    circular.cause = circular
    for (const value of [undefined, null, 'text', 401, circular]) expect(notResentBecause(value)).toBeUndefined()
  })
})
