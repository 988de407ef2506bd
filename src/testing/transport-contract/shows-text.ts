/** So deep do loggers look when they are told to look deep. */
const maxDepth = 6

/** Does this text stand in what a log would show of a value: its enumerable properties, headers, entries, message and causes? */
export function showsText(value: unknown, text: string): boolean {
  const seen = new Set<unknown>()
  const search = (found: unknown, depth: number): boolean => {
    if (typeof found === 'string') return found.includes(text)
    if (typeof found !== 'object' || found === null || depth > maxDepth || seen.has(found)) return false
    seen.add(found)
    return shownBy(found).some((part) => search(part, depth + 1))
  }
  return search(value, 0)
}

function shownBy(value: object): unknown[] {
  const shown: unknown[] = Reflect.ownKeys(value)
    .filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
    .map((key) => Reflect.get(value, key))
  if (value instanceof Error) shown.push(value.message, value.stack, value.cause)
  if (value instanceof Headers || value instanceof Map) shown.push(...value.values())
  if (value instanceof Request || value instanceof Response) shown.push(value.headers)
  return shown
}
