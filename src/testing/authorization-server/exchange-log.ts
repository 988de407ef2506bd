import type { ExchangeNotes, ServerExchange, ServerRoute } from './server-exchange'

/** Tells listeners of each exchange once it is over. */
export interface ExchangeLog {
  subscribe(listener: (exchange: ServerExchange) => void): () => void
  /** Follows one request from its arrival to its answer, which it passes on. */
  follow(request: Request, route: ServerRoute, answer: (notes: ExchangeNotes) => Promise<Response>): Promise<Response>
}

export function createExchangeLog(now: () => number): ExchangeLog {
  const listeners = new Set<(exchange: ServerExchange) => void>()
  let arrivals = 0
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    async follow(request, route, answer) {
      arrivals += 1
      const arrived = { id: arrivals, at: now(), route, method: request.method, path: new URL(request.url).pathname }
      const notes: ExchangeNotes = {}
      let status: number | undefined
      try {
        const response = await answer(notes)
        status = response.status
        return response
      } finally {
        const exchange = { ...arrived, ...notes, status, durationMs: now() - arrived.at }
        for (const listener of listeners) listener(exchange)
      }
    },
  }
}
