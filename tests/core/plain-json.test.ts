import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownFields } from '../../src/core/own-fields'
import { plainJson } from '../../src/core/plain-json'

const plain = (value: unknown) => plainJson(ownFields(value) ?? new Map())

describe('plainJson', () => {
  it('X3: copies plain data as it is', () => {
    const value = { a: 'x', b: 1, c: null, d: [true, { e: [] }], f: {}, toString: 'own' }
    expect(plain(value)).toEqual(value)
    expect(plain(value)['d']).not.toBe(value.d)
  })

  it('X3: drops what is no plain data', () => {
    class Thing {
      field = 1
    }
    const value = {
      f: () => 1,
      d: new Date(),
      m: new Map(),
      t: new Thing(),
      u: undefined,
      s: Symbol('s'),
      n: Number.NaN,
      i: 1n,
      ok: 1,
    }
    expect(plain({ ...value, deep: { ...value }, list: [new Date(), 1] })).toEqual({
      ok: 1,
      deep: { ok: 1 },
      list: [null, 1],
    })
  })

  it('X3: drops names that reach a prototype, at any depth', () => {
    const hostile: unknown = JSON.parse(
      '{"__proto__":{"p":1},"a":[{"constructor":{"prototype":{"p":1}},"__proto__":{"p":1},"b":1}]}',
    )
    const copy = plain(hostile)
    expect(JSON.stringify(copy)).toBe('{"a":[{"b":1}]}')
    expect({}).not.toHaveProperty('p')
    expect(copy).not.toHaveProperty('p')
  })

  it('X3: takes plain objects of another realm and without a prototype', () => {
    const foreign: unknown = runInNewContext('({ a: { b: 1 } })')
    expect(plain({ foreign, bare: Object.assign(Object.create(null), { c: 1 }) })).toEqual({
      foreign: { a: { b: 1 } },
      bare: { c: 1 },
    })
  })

  it('X3: ends where objects go in circles, and keeps what is shared', () => {
    const shared = { x: 1 }
    const node: Record<string, unknown> = { a: shared, b: shared }
    node['self'] = node
    node['list'] = [node]
    expect(plain({ node })).toEqual({ node: { a: shared, b: shared, list: [null] } })
  })

  it('X3: takes linear time where objects hold each other', () => {
    const nodes: Record<string, unknown>[] = Array.from({ length: 300 }, () => ({}))
    for (const node of nodes) node['all'] = nodes
    plain({ nodes })
  })

  it('X3: stops at a depth of 32', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 'end' : { a: nested(depth - 1) })
    expect(JSON.stringify(plain(nested(32)))).toContain('end')
    expect(JSON.stringify(plain(nested(40)))).not.toContain('end')
    expect(JSON.stringify(plain({ deep: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) }))).toContain('deep')
  })

  it('X3: survives traps and getters that throw', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const bomb = {
      get x() {
        throw new Error('boom')
      },
    }
    expect(plain({ proxy, bomb, ok: 1 })).toEqual({ ok: 1 })
    expect(ownFields(proxy)).toBeUndefined()
    expect(ownFields(bomb)).toBeUndefined()
  })

  it('X3: whatever comes in, JSON can write and read it back', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withDate: true,
          withMap: true,
          withNullPrototype: true,
          withSparseArray: true,
          withBigInt: true,
        }),
        (value) => {
          const copy = plain({ value })
          expect(JSON.parse(JSON.stringify(copy))).toEqual(JSON.parse(JSON.stringify({ ...copy })))
        },
      ),
    )
  })
})
