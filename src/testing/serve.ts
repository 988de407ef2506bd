import type { AddressInfo, Socket } from 'node:net'
import { toNodeListener, type WebHandler } from './to-node-listener'

export interface ServeOptions {
  /** @defaultValue `0`: a free one */
  readonly port?: number
  /** @defaultValue `'127.0.0.1'` */
  readonly host?: string
}

/** A handler at work behind a real socket. */
export interface Served {
  /** `http://127.0.0.1:34567`, without a slash at the end. */
  readonly url: string
  /** How many connections clients have opened so far. */
  readonly connections: number
  /** Stops listening and cuts every connection. Resolves when all are gone. */
  close(): Promise<void>
}

/**
 * Serves a handler with node:http: `const { url, close } = await serve(server.handle)`. Needs Node 20.16, Bun or Deno.
 * The module itself loads anywhere, so that a browser can bundle the rest of this subpath.
 */
export async function serve(handle: WebHandler, { port = 0, host = '127.0.0.1' }: ServeOptions = {}): Promise<Served> {
  // Not an import: a bundler for browsers would try to resolve it.
  const http = globalThis.process?.getBuiltinModule?.('node:http')
  if (http === undefined) throw new Error('serve() needs node:http: run it in Node 20.16 or later, Bun or Deno.')
  const sockets = new Set<Socket>()
  let connections = 0
  const server = http.createServer(toNodeListener(handle))
  server.on('connection', (socket) => {
    connections += 1
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${portOf(address) ?? port}`,
    get connections() {
      return connections
    },
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      return closed
    },
  }
}

const portOf = (address: AddressInfo | string | null): number | undefined =>
  typeof address === 'object' ? address?.port : undefined
