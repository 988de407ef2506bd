// `npm run bench`: every figure is a ratio against, or a difference to, the raw client in the same run.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent as HttpAgent } from 'node:http'
import { parseArgs } from 'node:util'
import { createAuthClient } from 'tokenflight'
import { Agent, fetch as undiciFetch } from 'undici'
import { azure, ours, peers, raw } from './contenders.mjs'
import { alternate, summary, table } from './measure.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' }, only: { type: 'string' } } })
const rounds = Number(values.rounds)
const connections = 64
/** The raw clients once more: what differs between them is noise. */
const again = raw.map((contender) => ({ ...contender, name: `${contender.name}, again`, over: contender.name }))

// `creating` before the storms, which leave a full heap, and after `added`, which its collections would disturb
const sections = { added: addedToOneRequest, creating, parallel, storms }
for (const [name, run] of Object.entries(sections)) {
  if (values.only === undefined || values.only === name) await run()
}

/** What a fresh token costs a request: no network, one request after another. */
async function addedToOneRequest() {
  const answer = new Response('{}', { headers: { 'content-type': 'application/json' } })
  const body = new ArrayBuffer(0)
  // one answer for all: reading it must not use it up
  Object.defineProperties(answer, { arrayBuffer: { value: async () => body }, clone: { value: () => answer } })
  const world = {
    url: 'https://api.example.com',
    fetch: async () => answer,
    axios: { adapter: async (config) => ({ data: '', status: 200, statusText: 'OK', headers: {}, config }) },
    accessToken: 'access-1',
    expiresIn: 3600,
    refresh: async () => 'access-2',
  }
  const contenders = [...raw, ...again, ...ours, ...peers, azure]
  const calls = new Map(contenders.map(({ name, make }) => [name, make(world)]))
  const measure = async ({ name }) => {
    const call = calls.get(name)
    const count = 4_000
    const start = performance.now()
    for (let i = 0; i < count; i += 1) await call()
    return ((performance.now() - start) * 1000) / count
  }
  // many short rounds: a collection of old garbage hits few of them
  const figures = await familyByFamily(contenders, measure, 3 * rounds)
  print(
    'Added to a request with a fresh token (µs; network stubbed)',
    ['client', 'over', 'median', 'middle half'],
    contenders
      .filter(({ over }) => over)
      .map(({ name, over }) => {
        const base = figures.get(over)
        const { median, low, high } = summary(figures.get(name).map((figure, round) => figure - base[round]))
        return [name, over, median.toFixed(2), `${low.toFixed(2)} to ${high.toFixed(2)}`]
      }),
  )
}

/** One raw client after another, each with those over it, as an app has one: what the engine learns of axios is not fetch's. */
async function familyByFamily(contenders, measure, times = rounds) {
  const figures = new Map()
  for (const { name } of raw) {
    const family = contenders.filter((contender) => (contender.over ?? contender.name) === name)
    for (const [member, its] of await alternate(family, times, measure)) figures.set(member, its)
  }
  return figures
}

/** A server in another process, and how to reach it over at most 64 connections. */
async function startServer() {
  const server = fork(new URL('server.mjs', import.meta.url))
  const [port] = await once(server, 'message')
  const url = `http://127.0.0.1:${port}`
  const dispatcher = new Agent({ connections })
  const agent = new HttpAgent({ keepAlive: true, maxSockets: connections })
  const fetch = (input, init) =>
    undiciFetch(typeof input === 'string' ? input : input.url, { ...rest(input), ...init, dispatcher })
  const post = async (path) => (await undiciFetch(url + path, { method: 'POST', dispatcher })).json()
  const refresh = async () => (await post('/token')).access_token
  const stop = async () => {
    server.disconnect()
    agent.destroy()
    await dispatcher.close()
  }
  return { world: { url, fetch, refresh, axios: { httpAgent: agent, proxy: false } }, post, refresh, stop }
}

/** What a fresh token costs where there is a network: 64 requests under way at any time. */
async function parallel() {
  const { world, refresh, stop } = await startServer()
  const accessToken = await refresh()
  const contenders = [...raw, ...again, ...ours]
  const calls = new Map(contenders.map(({ name, make }) => [name, make({ ...world, accessToken, expiresIn: 3600 })]))
  const figures = await familyByFamily(contenders, async ({ name }) => {
    const call = calls.get(name)
    const start = performance.now()
    await inParallel(call, 10_000)
    return performance.now() - start
  })
  print(
    '64 in parallel with a fresh token: 10000 requests, time over the same number of plain ones',
    ['client', 'over', 'median', 'middle half'],
    contenders.filter(({ over }) => over).map(({ name, over }) => [name, over, ...ratio(figures, name, over)]),
  )
  await stop()
}

/** `count` requests, of which 64 are under way at any time. */
async function inParallel(call, count) {
  let left = count
  const worker = async () => {
    while (left > 0) {
      left -= 1
      await call()
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
}

/** How many times as long as the raw client, as median and middle half of the rounds. */
function ratio(figures, name, over) {
  const base = figures.get(over)
  const { median, low, high } = summary(figures.get(name).map((figure, round) => figure / base[round]))
  return [median.toFixed(2), `${low.toFixed(2)} to ${high.toFixed(2)}`]
}

/** N requests at once. */
async function storms() {
  const { world, post, refresh, stop } = await startServer()
  const wrong = new Map()

  async function storm({ name, make, knowsExpiry }, count, kind) {
    const valid = await refresh()
    const isRaw = raw.some((contender) => contender.name === name)
    if (!isRaw) await post('/expire')
    const expiresIn = kind === 'known' && knowsExpiry ? 0 : undefined
    const accessToken = isRaw ? valid : 'expired'
    const call = make({ ...world, accessToken, ...(expiresIn === undefined ? {} : { expiresIn }) })
    const start = performance.now()
    const settled = await Promise.allSettled(Array.from({ length: count }, () => call()))
    const took = performance.now() - start
    const failed = settled.filter(({ status }) => status === 'rejected').length
    const { refreshes } = await post('/counts')
    if (!isRaw && (failed > 0 || refreshes !== 1))
      wrong.set(`${name}, ${count}`, `${refreshes} ${refreshes === 1 ? 'refresh' : 'refreshes'}, ${failed} failed`)
    return took
  }

  for (const [kind, title] of [
    ['refused', 'All refused together'],
    ['known', 'With an expiry that the client knows'],
  ]) {
    for (const count of [1_000, 10_000]) {
      const contenders = [...raw, ...ours, ...(kind === 'refused' ? peers : [])]
      // the small ones are over in a moment, which may have been a slow one
      const times = count < 10_000 ? 3 * rounds : rounds
      const figures = await familyByFamily(contenders, (contender) => storm(contender, count, kind), times)
      print(
        `${title}: ${count} requests, time over the same number of plain ones`,
        ['client', 'over', 'median', 'middle half', 'what the server saw'],
        contenders
          .filter(({ over }) => over)
          .map(({ name, over }) => {
            const saw = wrong.get(`${name}, ${count}`) ?? '1 refresh, all succeed'
            return [name, over, ...ratio(figures, name, over), saw]
          }),
      )
    }
  }
  await stop()
}

/** undici's own fetch knows no Request of the global one. */
function rest(input) {
  if (typeof input === 'string') return {}
  const { method, headers, signal } = input
  return { method, headers: Object.fromEntries(headers), signal }
}

/** Servers make a client for each request; and how much a request holds while it waits. */
async function creating() {
  const options = { baseUrl: 'https://api.example.com', refresh: () => ({ accessToken: 'x' }) }
  const figures = await alternate([{ name: 'create' }], rounds, async () => {
    const count = 5_000
    const start = performance.now()
    for (let i = 0; i < count; i += 1) createAuthClient(options)
    return ((performance.now() - start) * 1000) / count
  })
  const { median, low, high } = summary(figures.get('create'))
  print(
    'Creating a client (µs)',
    ['median', 'middle half'],
    [[median.toFixed(1), `${low.toFixed(1)} to ${high.toFixed(1)}`]],
  )

  print(
    'Held by one request, network stubbed (bytes)',
    ['client', 'pending', 'waiting for a refresh', 'more'],
    await held(),
  )
}

/** What the heap holds for each of 10 000 requests: of the raw client while the network is silent, of ours while a refresh is. */
async function held() {
  const promises = []
  const never = () => new Promise((resolve) => promises.push(resolve))
  const world = { url: 'https://api.example.com', fetch: never, axios: { adapter: never }, accessToken: 'access-1' }
  const measure = async ({ make }, more) => {
    const call = make({ ...world, ...more })
    globalThis.gc()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 10_000; i += 1) promises.push(call().catch(() => {}))
    await new Promise(setImmediate)
    globalThis.gc()
    return Math.round((process.memoryUsage().heapUsed - before) / 10_000)
  }
  const rows = []
  for (const contender of ours) {
    const plain = raw.find(({ name }) => name === contender.over)
    // the first of each is warm-up
    const [, pending] = [await measure(plain), await measure(plain)]
    const [, waiting] = [await measure(contender, { expiresIn: 0 }), await measure(contender, { expiresIn: 0 })]
    rows.push([contender.name, pending, waiting, waiting - pending])
  }
  return rows
}

function print(title, head, rows) {
  console.log(`\n### ${title}\n\n${table(head, rows)}`)
}
