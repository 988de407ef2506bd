import type { AxiosResponse } from 'axios'
import { type ByteStream, type Bytes, byteStream } from './byte-stream'

/** So long may the start of a body that is let go take (ms): one that hangs must not hold its connection. */
const longestReleaseMs = 1_000

interface Start {
  readonly chunks: Bytes[]
  readonly end: 'reached' | 'ahead' | { readonly failure: unknown }
}

/**
 * The body of a response with `responseType: 'stream'`. Its start is read into memory when the authorizer wants to see it or the
 * request has to wait; the response gets a stream of the same kind in its place, which begins with what was read.
 */
export class StreamedBody implements AsyncIterable<Bytes> {
  readonly #stream: ByteStream
  readonly #start: Promise<Start>
  #released = false

  static of(response: AxiosResponse, limit: number): StreamedBody | undefined {
    const stream = byteStream(response.data)
    if (stream === undefined) return undefined
    const body = new StreamedBody(stream, limit)
    response.data = stream.like(body)
    return body
  }

  private constructor(stream: ByteStream, limit: number) {
    this.#stream = stream
    this.#start = readStart(stream, limit)
  }

  async peek(): Promise<Blob> {
    const { chunks } = await this.#start
    return new Blob(chunks)
  }

  /** Gives the connection back (R7): what is left of a long body is not wanted, nor what is not there within a second. */
  release(): void {
    this.#released = true
    const timer = setTimeout(() => this.#stream.cancel(), longestReleaseMs)
    void this.#start.then(({ end }) => {
      clearTimeout(timer)
      if (end === 'ahead') this.#stream.cancel()
    })
  }

  discard(): void {
    this.#stream.cancel()
  }

  [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    let read = 0
    return {
      next: async () => {
        const { chunks, end } = await this.#start
        const value = chunks[read] ?? (await this.#afterStart(end))
        read += 1
        return value === undefined ? { done: true, value } : { done: false, value }
      },
      return: async () => {
        this.#stream.cancel()
        return { done: true, value: undefined }
      },
    }
  }

  #afterStart(end: Start['end']): Promise<Bytes | undefined> | undefined {
    if (this.#released) return undefined
    if (typeof end === 'object') throw end.failure
    return end === 'ahead' ? this.#stream.next() : undefined
  }
}

async function readStart(stream: ByteStream, limit: number): Promise<Start> {
  const chunks: Bytes[] = []
  let left = limit
  try {
    while (left > 0) {
      const chunk = await stream.next()
      if (chunk === undefined) return { chunks, end: 'reached' }
      chunks.push(chunk)
      left -= chunk.byteLength
    }
    return { chunks, end: 'ahead' }
  } catch (failure) {
    return { chunks, end: { failure } }
  }
}
