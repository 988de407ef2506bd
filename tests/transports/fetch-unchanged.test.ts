import { expect, it } from 'vitest'
import { type ArrivedRequest, recordingServer } from '../support/recording-server'
import { startSession, wireTokens } from '../support/start-session'

type State = 'fresh' | 'expired' | 'refused' | 'signedOut'

interface Scenario {
  readonly state: State
  readonly answer: () => Response
  /** How often it is sent elsewhere before it gets its answer. */
  readonly redirects: number[]
  /** The same call each time, with a body and headers of its own. */
  readonly call: (url: string) => [RequestInfo | URL, RequestInit | undefined]
  readonly read: (response: Response) => Promise<unknown>
}

/** Always the same numbers for the same seed (mulberry32). */
function picks(seed: number): <T>(...choices: readonly T[]) => T {
  let state = seed * 0x9e3779b9
  return <T>(...choices: readonly T[]): T => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return choices[((mixed ^ (mixed >>> 14)) >>> 0) % choices.length] as T
  }
}

const bytes = Uint8Array.from({ length: 64 }, (_, value) => value)
const stream = (): BodyInit => new Blob(['streamed ', bytes]).stream()

function scenario(seed: number): Scenario {
  const pick = picks(seed)
  const state = pick<State>('fresh', 'expired', 'refused', 'refused', 'signedOut')
  const method = pick(undefined, 'get', 'head', 'Post', 'PUT', 'PATCH', 'delete', 'QUERY', 'CONNECT', 'not one')
  const texts = (): BodyInit[] => ['', 'grüße', new URLSearchParams({ a: 'ü &' }), 'x'.repeat(100_000)]
  const buffers = (): BodyInit[] => [bytes.subarray(3, 9), new DataView(bytes.buffer, 3, 7), new Blob([bytes])]
  const hasBody = pick(true, true, method === undefined || /get|head/.test(method) === false)
  const body = pick(
    ...(state === 'refused' ? [] : [stream]),
    ...texts().map((_, i) => () => texts()[i]),
    ...buffers().map((_, i) => () => buffers()[i]),
    () => ({ toString: () => 'stringified' }) as never,
  )
  const headers = pick<() => unknown>(
    () => undefined,
    () => ({ 'X-Own': '1', 'x-own': '2', accept: 'a/b' }),
    () => new Headers([...['1', '2'].map((value): [string, string] => ['x-own', value])]),
    () => [...['1', '2'].map((value) => ['X-Own', value])],
    () => new Map([['content-type', 'x/y']]),
    () => new Map([['x-own', 'of an iterator']]).entries(),
    () => ({ 'x-own': undefined, 'x-number': 5 }),
    () => ({ 'not a name': '1' }),
    () => null,
  )
  const members: RequestInit = pick({}, {}, { redirect: 'manual' }, { redirect: 'error' }, { signal: {} as never })
  const make = (): RequestInit => ({
    ...members,
    ...(method !== undefined && { method }),
    ...(hasBody && { body: body(), duplex: 'half' }),
    headers: headers() as never,
  })
  const kept = pick<(init: RequestInit) => RequestInit>(
    (init) => init,
    (init) => Object.freeze(init),
    (init) => Object.create(init),
    (init) => Object.assign(Object.create(null), init),
    (init) => new Proxy(init, {}),
  )
  const call = pick<Scenario['call']>(
    (url) => [url, kept(make())],
    (url) => [new URL(url), kept(make())],
    (url) => [{ toString: () => url } as never, kept(make())],
    (url) => [new Request(url, make()), undefined],
    (url) => [new Request(url, make()), { headers: { 'x-late': '1' } }],
    (url) => [url, new Request('https://other.example', make())],
  )
  const status = pick(200, 200, 201, 204, 206, 304, 400, 401, 403, 404, 500, 503)
  const type = pick('application/json', 'text/plain', 'text/event-stream', 'application/x-www-form-urlencoded')
  const text = pick('', '{"a":1}', 'a=1&b=2', 'long '.repeat(30_000))
  const answer = (): Response =>
    new Response([204, 304].includes(status) ? null : text, {
      status,
      headers: { 'content-type': type, 'www-authenticate': 'Bearer error="insufficient_scope"' },
    })
  const redirects = pick([], [], [301], [302], [303, 307], [308])
  const read = pick<Scenario['read']>(
    (response) => response.text(),
    (response) => response.json(),
    async (response) => [...new Uint8Array(await response.arrayBuffer())],
    async (response) => [...(await response.formData())],
    async (response) => [await response.clone().text(), response.bodyUsed, await response.text()],
  )
  return { state, answer, redirects, call, read }
}

const seen = ({ method, path, headers, body }: ArrivedRequest): unknown => ({
  ...{ method, path, body },
  headers: [...headers].filter(([name]) => !['authorization', 'connection'].includes(name)),
})

/** An error by its kind: what it says differs where two things are wrong at once. */
async function outcome(call: () => Promise<unknown>): Promise<unknown> {
  return call().catch((error: Error) => ({ rejected: error.constructor.name, name: error.name }))
}

it('B1, B2, R6: whatever is asked, the server sees and the caller gets what they would of fetch', async () => {
  const server = await recordingServer((request) => {
    const { pathname, origin } = new URL(request.url)
    const [, seed, hops = '0'] = pathname.split('/')
    const { state, answer, redirects } = scenario(Number(seed))
    if (state === 'refused' && request.headers.get('authorization') === 'Bearer access-1')
      return new Response('refused', { status: 401 })
    const status = redirects[Number(hops)]
    const location = `${origin}/${seed}/${Number(hops) + 1}`
    return status === undefined ? answer() : new Response('moved', { status, headers: { location } })
  })
  const { client, clock } = await startSession({ user: undefined })

  async function play(seed: number, send: typeof fetch): Promise<unknown> {
    const { call, read } = scenario(seed)
    const from = server.requests.length
    const got = await outcome(async () => {
      const [input, init] = call(`${server.url}/${seed}?q=ü`)
      const response = await send(input, init)
      const { status, statusText, url, redirected, type, headers } = response
      const head = {
        status,
        statusText,
        url,
        redirected,
        type,
        headers: [...headers].filter(([name]) => name !== 'date'),
      }
      const used = [input, init].map((it) => it instanceof Request && it.bodyUsed)
      return { head, used, body: await outcome(() => read(response)), read: response.bodyUsed }
    })
    return { got, requests: server.requests.slice(from) }
  }

  for (let seed = 1; seed <= 250; seed += 1) {
    const { state } = scenario(seed)
    const { auth } = client({ baseUrl: server.url, fetch: undefined, refresh: () => wireTokens(2) })
    if (state !== 'signedOut') await auth.signIn(wireTokens(1))
    if (state === 'expired') clock.shiftWallClock(300_000)
    const raw = (await play(seed, fetch)) as { got: unknown; requests: ArrivedRequest[] }
    const ours = (await play(seed, auth.fetch)) as typeof raw
    const isRefused = ({ headers }: ArrivedRequest): boolean =>
      state === 'refused' && headers.get('authorization') === 'Bearer access-1'
    expect({ seed, got: ours.got }).toEqual({ seed, got: raw.got })
    const accepted = ours.requests.filter((request) => !isRefused(request))
    expect({ seed, seen: accepted.map(seen) }).toEqual({ seed, seen: raw.requests.map(seen) })
    // what was refused was the same request
    for (const refused of ours.requests.filter(isRefused)) expect(seen(refused)).toEqual(raw.requests.map(seen)[0])
  }
})
