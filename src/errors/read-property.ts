/** A property of a value that may be anything: `undefined` for what is no object, and where reading it throws. */
export function readProperty(value: unknown, name: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    return Reflect.get(value, name)
  } catch {
    return undefined
  }
}
