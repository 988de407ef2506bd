import type { AxiosResponse } from 'axios'
import type { MaybePromise } from '../../core/maybe-promise'
import { type ByteStream, type Bytes, byteStream } from './byte-stream'

/** So long may the start of a body that is let go take (ms): one that hangs must not hold its connection. */
const longestReleaseMs = 1_000

interface Start {
  readonly chunks: Bytes[]
  readonly end: 'reached' | Ahead | { readonly failure: unknown }
}

/** The limit came first. */
interface Ahead {
  /** What was read beyond it. */
  readonly rest: Bytes
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
      if (isAhead(end)) this.#stream.cancel()
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
        const value = chunks[read] ?? (await this.#afterStart(end, read === chunks.length))
        read += 1
        return value === undefined ? { done: true, value } : { done: false, value }
      },
      return: async () => {
        this.#stream.cancel()
        return { done: true, value: undefined }
      },
    }
  }

  #afterStart(end: Start['end'], isFirst: boolean): MaybePromise<Bytes | undefined> {
    if (this.#released || end === 'reached') return undefined
    if (!isAhead(end)) throw end.failure
    return isFirst && end.rest.byteLength > 0 ? end.rest : this.#stream.next()
  }
}

const isAhead = (end: Start['end']): end is Ahead => typeof end === 'object' && 'rest' in end

async function readStart(stream: ByteStream, limit: number): Promise<Start> {
  const chunks: Bytes[] = []
  let left = limit
  try {
    for (;;) {
      const chunk = await stream.next()
      if (chunk === undefined) return { chunks, end: 'reached' }
      chunks.push(chunk.subarray(0, left))
      left -= chunk.byteLength
      if (left <= 0) return { chunks, end: { rest: chunk.subarray(chunk.byteLength + left) } }
    }
  } catch (failure) {
    return { chunks, end: { failure } }
  }
}
