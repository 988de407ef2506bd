import type { Authenticate } from '../../core/authorizer'

/** What a case wants sent. */
export interface TransportRequest {
  /** Absolute. */
  readonly url: string
  /** @defaultValue `'GET'` */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | ArrayBuffer | URLSearchParams | FormData | Blob | ReadableStream<Uint8Array>
  readonly signal?: AbortSignal
  readonly authenticate?: Authenticate
}

/** What came back, whichever way the client hands it out: a 401 that it rejects with is a response too. */
export interface TransportResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  /** What the caller was given: a response, or the error that carries it. */
  readonly handedOut: unknown
}

/** The transport under test, with a session. */
export interface Transport {
  /** Rejects as the client rejects where there is no response. */
  send(request: TransportRequest): Promise<TransportResponse>
}

/**
 * The same client without a session. Resolves with the JSON of the answer, rejects as the client rejects with one that is not 2xx:
 * it is what a refresher would be written with.
 */
export type PlainTransport = (request: TransportRequest) => Promise<unknown>

/**
 * What a transport may lack. `signal`: requests cannot be canceled · `stream`, `formData`, `blob`, `urlSearchParams`: bodies that its client does
 * not take · `redirect`: its client follows none · `finalUrl`: it does not tell where one led · `plain`: nobody refreshes with its client.
 */
export type TransportFeature =
  | 'signal'
  | 'stream'
  | 'formData'
  | 'blob'
  | 'urlSearchParams'
  | 'redirect'
  | 'finalUrl'
  | 'plain'
