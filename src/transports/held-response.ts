import { type ResponseHead, responseWith } from '../core/response-with'

/** So much of a body is kept or shown (bytes). */
const maxHeldBytes = 64 * 1024
/** So long a body that is kept may take (ms): one that hangs must not hold its connection. */
const maxHeldMs = 1_000

/** A response that gave its connection back, in case it is handed out after all. */
export interface HeldResponse extends ResponseHead {
  /** The same response, with what was read of its body. */
  restore(): Response
  /** It is not needed any more. */
  discard(): void
}

/**
 * R7: reads the body into memory, at most 64 KB; a longer one is cancelled, and one that is not there within a second. Unread
 * responses would fill a connection pool and block the very refresh they wait for. The response itself is let go: with its streams
 * it is larger than all else that a request holds while it waits.
 */
export function holdResponse(response: Response): HeldResponse {
  const { status, statusText, headers, type, url, redirected } = response
  const head: ResponseHead = { status, statusText, headers, type, url, redirected }
  if (typeof response.body?.getReader !== 'function' || response.bodyUsed)
    return { restore: () => response, discard() {}, ...head }
  // as a 401 often is: its connection is free already, and to read it would cost as much as all else of a refusal.
  // One without a url is not the network's: whoever made it may have put a body under the headers of another.
  if (url && headers.get('content-length') === '0')
    return { restore: () => responseWith(empty(), head), discard() {}, ...head }
  return holdBody(response.body.getReader(), head)
}

const empty = (): ReadableStream<Uint8Array> => new ReadableStream({ start: (controller) => controller.close() })

function holdBody(body: Reader, head: ResponseHead): HeldResponse {
  let unread: Reader | undefined = body
  const discard = (): void => void unread?.cancel().catch(() => {})
  const timer = setTimeout(discard, maxHeldMs)
  const chunks = readUpTo(body, maxHeldBytes)
  const done = (): void => {
    unread = undefined
    clearTimeout(timer)
  }
  // the reading may fail long before anybody asks for it, or without
  chunks.then(done, done)
  return {
    discard,
    restore() {
      const read = new ReadableStream<Uint8Array>({
        async start(controller) {
          for (const chunk of await chunks) controller.enqueue(chunk)
          controller.close()
        },
      })
      return responseWith(read, head)
    },
    ...head,
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>

/** What the body begins with: at most 64 KB. */
export async function readStart({ body }: Response): Promise<string> {
  return body ? new Blob(await readUpTo(body.getReader(), maxHeldBytes)).text() : ''
}

async function readUpTo(reader: Reader, limit: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  for (let left = limit; left > 0; ) {
    const { done, value } = await reader.read()
    if (done) return chunks
    chunks.push(new Uint8Array(value.subarray(0, left)))
    left -= value.byteLength
  }
  // not awaited: of a body that was cloned, one part is cancelled only once the other is
  reader.cancel().catch(() => {})
  return chunks
}
