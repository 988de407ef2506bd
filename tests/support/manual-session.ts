import type { RefreshContext, TokenInput } from '../../src'
import type { FakeClock } from '../../src/testing'
import { type ClientOptions, startSession, type TestClient, wireTokens } from './start-session'

/** One call of the refresher, which waits for what the test says. */
export interface RefreshCall {
  readonly context: RefreshContext
  answer(tokens: TokenInput): void
  fail(error: unknown): void
}

export interface ManualSession extends TestClient {
  readonly clock: FakeClock
  /** The calls of the refresher, in order. */
  readonly calls: RefreshCall[]
  /** The access tokens that were sent to the API, in order; `undefined` for none. */
  readonly sent: (string | undefined)[]
  /** Access tokens the API refuses. */
  readonly refused: Set<string>
  /** The challenge of a refusal. */
  challenge: string
  /** Another client with the same refresher, API and clock. */
  client(options: ClientOptions): TestClient
}

/** A client whose refresher answers when the test says so, over an API that takes every token it was not told to refuse. */
export async function manualSession(
  options: ClientOptions = {},
  tokens: TokenInput | null = wireTokens(1),
): Promise<ManualSession> {
  const calls: RefreshCall[] = []
  const sent: (string | undefined)[] = []
  const refused = new Set<string>()
  const shared: ClientOptions = {
    refresh: (context) =>
      new Promise<TokenInput>((answer, fail) => {
        calls.push({ context, answer, fail })
      }),
    fetch: async (input, init) => {
      const request = new Request(input, init)
      request.signal.throwIfAborted()
      const token = request.headers.get('authorization')?.replace('Bearer ', '')
      sent.push(token)
      const isRefused = token === undefined || refused.has(token)
      return isRefused
        ? new Response('refused', { status: 401, headers: { 'www-authenticate': manual.challenge } })
        : new Response('accepted')
    },
  }
  const session = await startSession({ user: undefined, client: { ...shared, ...options } })
  if (tokens) await session.auth.signIn(tokens)
  await session.clock.advance(0)
  const manual = {
    ...session,
    calls,
    sent,
    refused,
    challenge: 'Bearer error="invalid_token"',
    client: (more: ClientOptions) => session.client({ ...shared, ...more }),
  }
  return manual
}

/** Waits for the next call of the refresher: the n-th since the start. */
export async function nthCall(
  { calls, clock }: Pick<ManualSession, 'calls' | 'clock'>,
  n: number,
): Promise<RefreshCall> {
  await clock.advance(0)
  const call = calls[n - 1]
  if (!call) throw new Error(`The refresher was called ${calls.length} times, not ${n}.`)
  return call
}
