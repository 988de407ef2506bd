import { onTestFinished } from 'vitest'
import { serve, type WebHandler } from '../../src/testing'

/** A request as it arrived. */
export interface ArrivedRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Headers
  /** As base64. */
  readonly body: string
}

export interface RecordingServer {
  readonly url: string
  /** In order. */
  readonly requests: ArrivedRequest[]
}

/** Another origin behind a socket, which keeps what arrives. Closed when the test ends. */
export async function recordingServer(answer: WebHandler = () => new Response('ok')): Promise<RecordingServer> {
  const requests: ArrivedRequest[] = []
  const { url, close } = await serve(async (request) => {
    const { method, headers } = request
    const body = Buffer.from(await request.clone().arrayBuffer()).toString('base64')
    requests.push({ method, headers, path: request.url.slice(new URL(request.url).origin.length), body })
    return answer(request)
  })
  onTestFinished(close)
  return { url, requests }
}
