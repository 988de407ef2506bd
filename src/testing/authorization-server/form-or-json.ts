/** The fields of a request's body, and the language it speaks. */
export interface SentFields {
  /** Sent as JSON: answered in camelCase where it asked in camelCase. */
  readonly json: boolean
  field(name: string): string | undefined
}

/** Reads a form or a JSON object; `undefined` when it is neither. */
export async function formOrJson(request: Request): Promise<SentFields | undefined> {
  const text = await request.text()
  const json = /^application\/(?:[\w.-]+\+)?json\b/i.test(request.headers.get('content-type') ?? '')
  const fields = json ? jsonFields(text) : new Map(new URLSearchParams(text))
  if (fields === undefined) return undefined
  return {
    json,
    field(name) {
      const value = fields.get(name)
      return typeof value === 'string' ? value : undefined
    },
  }
}

function jsonFields(text: string): Map<string, unknown> | undefined {
  if (text === '') return new Map()
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? new Map(Object.entries(value))
      : undefined
  } catch {
    return undefined
  }
}
