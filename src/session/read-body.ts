/** What can be read as the body of a `Response`, whichever implementation made it. */
export interface ReadableResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body?: ReadableStream<Uint8Array> | null
  readonly bodyUsed?: boolean
  text(): Promise<string>
}

/** Duck-typed: polyfills and test tools bring their own `Response`. */
export const isResponse = (value: unknown): value is ReadableResponse =>
  typeof value === 'object' &&
  value !== null &&
  'status' in value &&
  typeof value.status === 'number' &&
  'text' in value &&
  typeof value.text === 'function' &&
  'headers' in value &&
  typeof value.headers === 'object' &&
  value.headers !== null &&
  'get' in value.headers

/** The body as text, of which at most `limit` bytes are read; a longer one is cut off. Empty where it was read already. */
export async function readText(response: ReadableResponse, limit: number): Promise<string> {
  if (response.bodyUsed) return ''
  if (!response.body || typeof response.body.getReader !== 'function') return response.text()
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let left = limit
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    text += decoder.decode(value.subarray(0, left), { stream: true })
    left -= value.byteLength
    if (left > 0) continue
    await reader.cancel()
    return text
  }
}
