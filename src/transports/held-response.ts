/** So much of a body is kept or shown (bytes). */
const maxHeldBytes = 64 * 1024

/** A response that gave its connection back, in case it is handed out after all. */
export interface HeldResponse {
  /** What was read of the body: at most 64 KB. */
  text(): Promise<string>
  /** The same response, with what was read of its body. */
  restore(): Response
  /** It is not needed any more. */
  discard(): void
}

/**
 * R7: reads the body into memory, at most 64 KB; a longer one is cancelled. Unread responses would fill a connection pool
 * and block the very refresh they wait for.
 */
export function holdResponse(response: Response): HeldResponse {
  if (!response.body || response.bodyUsed) return { text: async () => '', restore: () => response, discard: () => {} }
  const reader = response.body.getReader()
  const chunks = readUpTo(reader, maxHeldBytes)
  // the reading may fail long before anybody asks for it, or without
  chunks.catch(() => {})
  return {
    text: async () => new Blob(await chunks).text(),
    discard: () => void reader.cancel().catch(() => {}),
    restore() {
      const body = new ReadableStream<Uint8Array>({
        async start(controller) {
          for (const chunk of await chunks) controller.enqueue(chunk)
          controller.close()
        },
      })
      const { url, redirected } = response
      return Object.defineProperties(new Response(body, response), {
        url: { value: url },
        redirected: { value: redirected },
      })
    },
  }
}

async function readUpTo(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  for (let left = limit; left > 0; ) {
    const { done, value } = await reader.read()
    if (done) return chunks
    chunks.push(new Uint8Array(value.subarray(0, left)))
    left -= value.byteLength
  }
  await reader.cancel()
  return chunks
}
