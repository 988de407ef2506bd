import { readProperty } from '../errors/read-property'

/** F11: what axios has not read of the answer that it throws, where it was asked for a `stream` or a `blob`; to be read as a response. */
export function unreadData(error: unknown): Response | undefined {
  const data = readProperty(readProperty(error, 'response'), 'data')
  try {
    const body = isNodeStream(data) ? webStream(data) : data
    return body instanceof Blob || body instanceof ReadableStream ? new Response(body) : undefined
  } catch {
    // somebody reads it already
    return undefined
  }
}

const isNodeStream = (data: unknown): boolean => typeof readProperty(data, 'pipe') === 'function'

/** `ReadableStream.from`, which Node.js has and not every type of it. */
function webStream(data: unknown): unknown {
  const from: unknown = Reflect.get(ReadableStream, 'from')
  return typeof from === 'function' ? from.call(ReadableStream, data) : undefined
}
