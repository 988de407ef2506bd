import type { IncomingMessage, ServerResponse } from 'node:http'
import type { MaybePromise } from '../core/maybe-promise'
import { ConnectionResetError } from './connection-reset-error'

/** A handler of web-standard requests. */
export type WebHandler = (request: Request) => MaybePromise<Response>

/**
 * A listener for node:http and node:https that asks a web-standard handler. Bodies stream both ways, headers that come
 * twice stay two, the request's signal fires when the client goes away. A handler that throws is answered 500 with its message;
 * a {@link ConnectionResetError} resets the connection.
 */
export function toNodeListener(handle: WebHandler): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  return (incoming, outgoing) => {
    void answer(handle, incoming, outgoing)
  }
}

async function answer(handle: WebHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort(new DOMException('The client closed the connection.', 'AbortError'))
  })
  // A connection that breaks is reported here too: 'close' follows.
  outgoing.on('error', () => {})
  incoming.on('error', () => {})
  try {
    const request = toRequest(incoming, gone.signal)
    await send(request === undefined ? badRequest() : await handle(request), incoming, outgoing)
  } catch (error) {
    if (error instanceof ConnectionResetError) incoming.socket.resetAndDestroy()
    else if (gone.signal.aborted || outgoing.headersSent) outgoing.destroy()
    else outgoing.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(String(error))
  }
}

const badRequest = (): Response => new Response(null, { status: 400 })

/** `undefined` for what no `Request` can express: TRACE, CONNECT, a host that is none. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = 'GET', url = '/', headers, socket, rawHeaders } = incoming
  const protocol = 'encrypted' in socket ? 'https' : 'http'
  // Joined, not resolved: a path that starts with two slashes is still a path.
  const target = url.startsWith('/') ? `${protocol}://${headers.host ?? 'localhost'}${url}` : url
  if (!URL.canParse(target) || method === 'TRACE' || method === 'CONNECT') return undefined
  const webHeaders = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) webHeaders.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  const body = hasBody(incoming) ? toStream(incoming) : null
  return new Request(target, { method, headers: webHeaders, signal, body, ...(body && { duplex: 'half' }) })
}

const hasBody = ({ method, headers }: IncomingMessage): boolean =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)

/** Reads a chunk when one is asked for, so a slow handler slows the client. */
function toStream(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = incoming.iterator({ destroyOnReturn: false })
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(new Uint8Array(value))
      },
      async cancel() {
        await chunks.return?.()
        incoming.resume()
      },
    },
    { highWaterMark: 0 },
  )
}

async function send(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value)
  outgoing.statusCode = response.status
  if (response.statusText !== '') outgoing.statusMessage = response.statusText
  if (response.body === null || incoming.method === 'HEAD') {
    await response.body?.cancel()
    outgoing.end()
    return
  }
  const reader = response.body.getReader()
  const stop = (): void => void reader.cancel().catch(() => {})
  outgoing.once('close', stop)
  // Status and headers go out with the first chunk where that is there at once, and do not wait for it where it is not.
  const slow = setTimeout(() => outgoing.flushHeaders())
  const first = await reader.read().finally(() => clearTimeout(slow))
  for (let chunk = first; !chunk.done; chunk = await reader.read()) {
    // no 'drain' comes when the client has gone: the stream was given up then, and nobody waits for this
    if (!outgoing.write(chunk.value)) await new Promise((resolve) => outgoing.once('drain', resolve))
  }
  outgoing.off('close', stop)
  outgoing.end()
}
