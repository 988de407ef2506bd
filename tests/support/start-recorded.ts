import type { TokenResponse } from '../../src'
import { type ClientOptions, startSession, type TestSession, wireTokens } from './start-session'

/** One call of the client's `fetch` option. */
export interface SentRequest {
  readonly input: RequestInfo | URL
  readonly init: RequestInit | undefined
  /** The request that these make, as the platform's own fetch would. */
  readonly request: Request
}

type Answer = (request: Request, nth: number) => Response | Promise<Response>

export interface RecordedOptions {
  readonly client?: ClientOptions
  /** @defaultValue 200 */
  readonly answer?: Answer
  /** What is signed in with; `undefined`: nobody. @defaultValue `wireTokens(1)` */
  readonly tokens?: TokenResponse | undefined
}

export interface RecordedSession extends TestSession {
  /** In order. */
  readonly sent: SentRequest[]
  /** How many refreshes there were: the first gives `wireTokens(2)`. */
  refreshes(): number
}

export const apiOrigin = 'https://api.example.com'

/** A client whose `fetch` answers by itself and keeps what it is called with. */
export async function startRecorded({
  client = {},
  answer = () => new Response('ok'),
  ...given
}: RecordedOptions = {}): Promise<RecordedSession> {
  const sent: SentRequest[] = []
  let refreshes = 0
  const session = await startSession({
    user: undefined,
    client: {
      baseUrl: `${apiOrigin}/v1`,
      refresh: () => {
        refreshes += 1
        return wireTokens(refreshes + 1)
      },
      fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
        init?.signal?.throwIfAborted()
        const request = new Request(input, init)
        sent.push({ input, init, request })
        return answer(request, sent.length)
      },
      ...client,
    },
  })
  const tokens = 'tokens' in given ? given.tokens : wireTokens(1)
  if (tokens) await session.auth.signIn(tokens)
  return { ...session, sent, refreshes: () => refreshes }
}

/** The values of `authorization`, in the order of the requests. */
export const authorizations = ({ sent }: RecordedSession): (string | null)[] =>
  sent.map(({ request }) => request.headers.get('authorization'))

/** Refuses these tokens, lets every other request in. */
export const refusing =
  (...accessTokens: readonly string[]): Answer =>
  ({ headers }) =>
    accessTokens.some((token) => headers.get('authorization') === `Bearer ${token}`)
      ? new Response('refused', { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })
      : new Response('ok')
