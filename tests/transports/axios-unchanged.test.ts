import { Readable } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios'
import { axiosWithAuth } from 'tokenflight/axios'
import { expect, it } from 'vitest'
import { startSession } from '../support/start-session'

const requests = 150

type Draw = <T>(choices: readonly T[]) => T

/** Choices that depend on the seed alone (mulberry32). */
function drawing(seed: number): Draw {
  let state = seed * 0x9e3779b9
  return (choices) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return choices[((mixed ^ (mixed >>> 14)) >>> 0) % choices.length] as (typeof choices)[number]
  }
}

/** What the API answers with once the token is accepted. */
function drawAnswer(draw: Draw): () => Response {
  const status = draw([200, 200, 201, 403, 404, 500])
  const [type, content] = draw([
    ['application/json', '{"ok":true,"text":"ü"}'],
    ['application/json', '{"broken":'],
    ['text/plain', 'plain ü'],
    ['text/plain', 'x'.repeat(100_000)],
    ['application/octet-stream', '\ufeff'],
    ['text/plain', ''],
  ])
  const zipped = draw([false, false, true])
  const headers = { 'content-type': type, 'x-answer': 'yes', ...(zipped && { 'content-encoding': 'gzip' }) }
  return () => new Response(zipped ? gzipSync(content) : content, { status, headers })
}

function drawData(draw: Draw): unknown {
  const form = new FormData()
  form.append('file', new Blob(['content'], { type: 'text/x' }), 'name.txt')
  return draw([
    { a: 1, list: ['ü', { deep: null }] },
    'a string ü',
    '{"already":"json"}',
    Buffer.from('bytes'),
    new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
    new Uint8Array([7, 8]).buffer,
    new URLSearchParams('a=1&b=ü'),
    new Blob(['blob'], { type: 'application/json' }),
    form,
    new Date(0),
    draw<unknown>([null, undefined, 7, false, '']),
  ])
}

/** @param calls where its functions note that they were called, and with what */
function drawRequest(draw: Draw, baseUrl: string, calls: unknown[]): AxiosRequestConfig {
  const noting =
    (name: string) =>
    (value: unknown): unknown => {
      calls.push([name, typeof value === 'object' ? typeof value : value])
      return value
    }
  const own: AxiosRequestConfig['adapter'] = (config) => axios.getAdapter('http')(config)
  const sometimes = (config: AxiosRequestConfig): AxiosRequestConfig => draw([config, {}, {}, {}])
  // of the refused answer it is asked too
  const validate = (status: number): boolean => (status === 401 ? false : noting('validateStatus')(status) === 200)
  const url: unknown = draw(['/things', 'things?x=1', '', `${baseUrl}/a//b`, new URL('/p?q=1', baseUrl), '/ü ö#part'])
  return {
    url: url as string,
    method: draw(['get', 'post', 'PUT', 'patch', 'delete', 'head', 'options']),
    adapter: draw(['http', 'http', 'fetch', own, [own, 'http']]),
    ...sometimes({ data: drawData(draw) }),
    ...sometimes({ data: drawData(draw) }),
    ...sometimes({ params: { a: 1, b: ['x', 'ü'], c: null, d: new Date(0) } }),
    ...sometimes({ headers: { 'X-Own': 'yes', 'Content-Type': draw(['application/json', 'text/plain', false]) } }),
    ...sometimes({ responseType: draw(['json', 'text', 'arraybuffer', 'stream', 'blob']) }),
    ...sometimes({ validateStatus: draw([null, () => true, validate]) }),
    ...sometimes({ transformRequest: [noting('transformRequest'), (data: unknown) => JSON.stringify(data)] }),
    ...sometimes({ transformResponse: [noting('transformResponse')] }),
    ...sometimes({ transitional: { silentJSONParsing: draw([true, false]) }, responseType: 'json' }),
    ...sometimes({ maxContentLength: draw([10, 50_000]), maxRedirects: draw([0, 5]) }),
    ...sometimes({ decompress: false }),
    ...sometimes({ timeout: 60_000, signal: new AbortController().signal }),
    ...sometimes({ beforeRedirect: () => undefined, proxy: false }),
  }
}

/** Functions by the start of their source: ours would show. */
const shownConfig = ({ headers, data: _, ...config }: AxiosRequestConfig): unknown => {
  const kept = Object.entries({ ...headers }).filter(([name]) => name !== 'Authorization')
  const plain = (_key: string, value: unknown) => (typeof value === 'function' ? String(value).slice(0, 60) : value)
  return JSON.stringify({ ...config, kept }, plain).replace(/boundary=[^"]*/, '')
}

async function shownResponse({ data, headers, config, request, ...rest }: AxiosResponse) {
  const { date: _, ...kept } = { ...headers }
  const isStream = data instanceof Readable || data instanceof ReadableStream
  const body = isStream ? readAll(data).catch(({ code }) => code) : data instanceof Blob ? data.text() : data
  const of = [data?.constructor, typeof request, shownConfig(config)]
  return { ...rest, duration: 0, headers: kept, body: await body, of }
}

async function shownOutcome(sent: Promise<AxiosResponse>): Promise<unknown> {
  try {
    return await shownResponse(await sent)
  } catch (error) {
    if (!axios.isAxiosError(error)) return error
    const { name, message, code, status, config, response, request } = error
    const shown = { name, message, code, status, request: typeof request, config: config && shownConfig(config) }
    const isSame = response?.config === config && response?.request === request
    return response ? { ...shown, isSame, response: await shownResponse(response) } : shown
  }
}

it(`B1, R6: what ${requests} made-up requests come to is what they come to without us, refused at first or not`, async () => {
  let answer = (): Response => new Response()
  const arrived: unknown[] = []
  const api = async (request: Request): Promise<Response> => {
    const { authorization: _, ...headers } = Object.fromEntries(request.headers)
    const body = Buffer.from(await request.arrayBuffer()).toString('latin1')
    const boundary = /^--(\S+)\r\n/.exec(body)?.[1] ?? ' none'
    const seen = [request.method, request.url, JSON.stringify(headers), body]
    arrived.push(seen.map((part) => part.replaceAll(boundary, 'boundary')))
    return answer()
  }
  const { auth, server, clock, baseUrl } = await startSession({ sockets: true, server: { api, challenge: 'none' } })
  const play = async (seed: number, http: AxiosInstance): Promise<unknown> => {
    const draw = drawing(seed)
    const calls: unknown[] = []
    answer = drawAnswer(draw)
    const outcome = await shownOutcome(http.request(drawRequest(draw, baseUrl, calls)))
    return { outcome, arrived: arrived.splice(0), calls }
  }
  for (let seed = 1; seed <= requests; seed += 1) {
    await clock.advance(10_000)
    if (seed % 3 !== 0) server.refuseAccessTokens()
    const borrowed = await play(seed, axiosWithAuth(auth, axios.create({ baseURL: baseUrl })))
    const plain = axios.create({ baseURL: baseUrl })
    plain.defaults.headers.common['Authorization'] = `Bearer ${auth.getTokens()?.accessToken}`
    expect(borrowed, `seed ${seed}`).toEqual(await play(seed, plain))
  }
  expect(server.counts.refreshes).toBeGreaterThan(requests / 2)
})
