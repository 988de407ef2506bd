/** The own enumerable fields of an object that is no array; `undefined` for everything else. Never throws (X3). */
export function ownFields(value: unknown): ReadonlyMap<string, unknown> | undefined {
  try {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return new Map(Object.entries(value))
  } catch {
    return undefined
  }
}
