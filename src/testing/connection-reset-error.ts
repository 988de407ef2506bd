/**
 * The fault `reset`: no `Response` can express it, so the handler rejects with this. {@link serve} and {@link toNodeListener}
 * reset the connection then; the server's own `fetch` rejects with a `TypeError`, as fetch does.
 */
export class ConnectionResetError extends Error {
  override readonly name = 'ConnectionResetError'
  readonly code = 'ECONNRESET'

  constructor() {
    super('The fake server resets this connection, as the fault `reset` asks.')
  }
}
