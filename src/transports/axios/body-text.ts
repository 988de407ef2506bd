/**
 * The first `limit` bytes of a body that is in memory, as text; `undefined` for what axios has made something else of.
 */
export async function bodyText(body: unknown, limit: number): Promise<string | undefined> {
  if (typeof body === 'string') return decode(new TextEncoder().encode(body.slice(0, limit)), limit)
  if (body instanceof Blob) return body.slice(0, limit).text()
  if (body instanceof ArrayBuffer) return decode(new Uint8Array(body), limit)
  if (ArrayBuffer.isView(body)) return decode(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), limit)
  return undefined
}

const decode = (bytes: Uint8Array, limit: number): string => new TextDecoder().decode(bytes.subarray(0, limit))
