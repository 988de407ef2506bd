/**
 * The property under which axios's headers keep a header, however it is spelled. Their own `get`, `set` and `delete` look it up the
 * same way, and cost 1 µs together. An adapter of somebody's own may answer without any.
 */
export function headerKey(headers: object | undefined, name: string): string | undefined {
  for (const key of Object.keys(headers ?? {})) {
    if (key.length === name.length && (key === name || key.toLowerCase() === name.toLowerCase())) return key
  }
  return undefined
}
