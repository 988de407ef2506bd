/** So deep do loggers look when they are told to look deep. */
const maxDepth = 6

/**
 * Where this text stands in what a log would show of a value: its enumerable properties, headers, entries, message and causes. As a path
 * (`config.headers.Authorization`); `undefined` where it is not shown.
 */
export function whereShown(value: unknown, text: string): string | undefined {
  const seen = new Set<unknown>()
  const search = (found: unknown, path: readonly string[]): string | undefined => {
    if (typeof found === 'string') return found.includes(text) ? path.join('.') : undefined
    if (typeof found !== 'object' || found === null || path.length > maxDepth || seen.has(found)) return undefined
    seen.add(found)
    for (const [name, part] of shownBy(found)) {
      const where = search(part, [...path, name])
      if (where !== undefined) return where
    }
    return undefined
  }
  return search(value, [])
}

function shownBy(value: object): (readonly [name: string, part: unknown])[] {
  const shown: (readonly [string, unknown])[] = Reflect.ownKeys(value)
    .filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
    .map((key) => [String(key), Reflect.get(value, key)])
  if (value instanceof Error) shown.push(['message', value.message], ['stack', value.stack], ['cause', value.cause])
  if (value instanceof Headers || value instanceof Map)
    for (const [name, part] of value) shown.push([String(name), part])
  if (value instanceof Request || value instanceof Response) shown.push(['headers', value.headers])
  return shown
}
