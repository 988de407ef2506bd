/** A piece of a body. */
export type Bytes = Uint8Array<ArrayBuffer>

/** A stream of Node.js or of the web, read piece by piece. */
export interface ByteStream {
  /** `undefined` at its end. */
  next(): Promise<Bytes | undefined>
  /** What is left is not wanted: gives the connection back. */
  cancel(): void
  /** A stream of the same kind with another content. */
  like(content: AsyncIterable<Bytes>): unknown
}

/** What axios gives for `responseType: 'stream'`: a `Readable` of its `http` adapter, a `ReadableStream` of its `fetch` adapter. */
export function byteStream(body: unknown): ByteStream | undefined {
  if (typeof ReadableStream !== 'undefined' && body instanceof ReadableStream) return webStream(body)
  return isNodeStream(body) ? nodeStream(body) : undefined
}

function webStream(stream: ReadableStream<Bytes>): ByteStream {
  const reader = stream.getReader()
  return {
    next: async () => (await reader.read()).value,
    // what it was broken by has been told to its reader
    cancel: () => void reader.cancel().catch(() => undefined),
    like(content) {
      const iterator = content[Symbol.asyncIterator]()
      return new ReadableStream<Bytes>({
        async pull(controller) {
          const { done, value } = await iterator.next()
          if (done) controller.close()
          else controller.enqueue(value)
        },
        async cancel() {
          await iterator.return?.()
        },
      })
    },
  }
}

interface NodeStream extends AsyncIterable<Bytes | string> {
  destroy(): unknown
}

const isNodeStream = (body: unknown): body is NodeStream =>
  typeof body === 'object' && body !== null && 'destroy' in body && Symbol.asyncIterator in body

function nodeStream(stream: NodeStream): ByteStream {
  const iterator = stream[Symbol.asyncIterator]()
  return {
    async next() {
      const { done, value } = await iterator.next()
      if (done) return undefined
      return typeof value === 'string' ? new TextEncoder().encode(value) : value
    },
    cancel: () => void stream.destroy(),
    like: (content) => readableOf(stream)?.from(content, { objectMode: false }),
  }
}

interface ReadableClass {
  from(content: AsyncIterable<Bytes>, options: { readonly objectMode: boolean }): unknown
}

/** `Readable`, found among the classes of a stream: importing it would break the bundles that browsers get. */
function readableOf(stream: object): ReadableClass | undefined {
  let found: ReadableClass | undefined
  for (let proto = Object.getPrototypeOf(stream); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const { constructor: candidate }: { constructor: unknown } = proto
    if (hasFrom(candidate)) found = candidate
  }
  return found
}

const hasFrom = (value: unknown): value is ReadableClass =>
  typeof value === 'function' && 'from' in value && typeof value.from === 'function'
