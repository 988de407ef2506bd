import { describe, expect, it } from 'vitest'
import { assertEqual, assertThat, ContractBrokenError } from '../../src/testing'

describe('assertThat', () => {
  it('says what does not hold', () => {
    expect(() => assertThat(1 > 2, 'one is more')).toThrow(new ContractBrokenError('one is more'))
    expect(() => assertThat(undefined, 'there is a value')).toThrow(ContractBrokenError)
  })

  it('is silent when it holds', () => {
    expect(() => assertThat('yes', 'there is a value')).not.toThrow()
  })
})

describe('assertEqual', () => {
  const same = Symbol('same')
  const date = new Date(0)
  it.each([
    [1, 1],
    [Number.NaN, Number.NaN],
    [same, same],
    [date, date],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
    [{ a: 1, b: undefined }, { a: 1 }],
    [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [[], []],
  ])('%o equals %o', (a, b) => {
    expect(() => assertEqual(a, b, 'they are equal')).not.toThrow()
  })

  it.each([
    [1, '1'],
    [0, -0],
    [undefined, null],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, {}],
    [{}, { a: 1 }],
    [[1, 2], [1]],
    [[1], { 0: 1 }],
    [new Date(0), new Date(0)],
    [{ a: {} }, { a: [] }],
  ])('%o differs from %o', (a, b) => {
    expect(() => assertEqual(a, b, 'they are equal')).toThrow(ContractBrokenError)
  })

  it('carries both values, for the runner to draw the difference', () => {
    try {
      assertEqual({ a: 1 }, { a: 2 }, 'they are equal')
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ actual: { a: 1 }, expected: { a: 2 } })
    }
  })
})
