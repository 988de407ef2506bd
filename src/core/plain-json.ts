import { ownFields } from './own-fields'

/** Plain data: what JSON can write and read back. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

const unsafeNames: readonly string[] = ['__proto__', 'constructor', 'prototype']
const maxDepth = 32

/**
 * X3. A copy of these fields with nothing in it but plain data. Dropped, at any depth: names that reach a prototype, functions, dates
 * and other instances, cycles, what is nested deeper than 32. Takes linear time and never throws.
 */
export function plainJson(fields: ReadonlyMap<string, unknown>): { readonly [name: string]: Json } {
  // Also what is being copied right now, so that a cycle ends.
  const copies = new Map<object, Json | undefined>()

  const copyFields = (entries: ReadonlyMap<string, unknown>, depth: number) => {
    const copied: Record<string, Json> = {}
    for (const [name, value] of entries) {
      const copy = unsafeNames.includes(name) ? undefined : copyValue(value, depth)
      if (copy !== undefined) copied[name] = copy
    }
    return copied
  }

  const copyObject = (value: object, depth: number): Json | undefined => {
    if (Array.isArray(value)) return value.map((item) => copyValue(item, depth) ?? null)
    const own = isPlain(value) ? ownFields(value) : undefined
    return own && copyFields(own, depth)
  }

  const copyValue = (value: unknown, depth: number): Json | undefined => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
    if (typeof value !== 'object' || depth > maxDepth) return undefined
    if (!copies.has(value)) {
      copies.set(value, undefined)
      try {
        copies.set(value, copyObject(value, depth + 1))
      } catch {
        // A trap or a getter that throws: not plain data.
      }
    }
    return copies.get(value)
  }

  return copyFields(fields, 0)
}

// Not by comparing with `Object.prototype`: another realm has its own.
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
