import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { fakeAuthorizationServer, serve } from '../../src/testing'
import { startRedis } from '../support/redis-server'
import { copyProject, type ProjectCopy } from './project-copy'

let project: ProjectCopy
beforeAll(async () => {
  project = await copyProject()
}, 180_000)
afterAll(() => project?.remove())

const oneFamily = { reused: 0, familiesRevoked: 0, rejected: 0 }

/** What examples/server.mjs serves, within reach of the test. */
async function startServer() {
  const server = fakeAuthorizationServer({ apiPath: '/api', cors: true })
  const served = await serve(server.handle)
  onTestFinished(() => served.close())
  return { server, url: served.url }
}

/** A browser's cookies, as far as one host goes. */
function cookieJar() {
  const cookies = new Map<string, string>()
  const set: string[] = []
  return {
    /** Each `Set-Cookie` so far. */
    set,
    async send(url: string, method = 'GET'): Promise<Response> {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const response = await fetch(url, { method, headers: { cookie } })
      for (const line of response.headers.getSetCookie()) {
        set.push(line)
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (/expires=thu, 01 jan 1970/i.test(line)) cookies.delete(name)
        else cookies.set(name, value)
      }
      return response
    },
  }
}

describe('examples/cli', () => {
  async function tool() {
    const { server, url } = await startServer()
    const folder = await mkdtemp(join(tmpdir(), 'cli-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'session.json')
    const run = (...args: string[]) =>
      project.run(['examples/cli/main.mjs', ...args], { API_URL: url, SESSION_FILE: path })
    return { server, folder, path, run }
  }

  it('stays signed in from run to run, and two runs at once make one refresh', async () => {
    const { server, path, run } = await tool()
    expect(await run('login', 'bob')).toMatchObject({ code: 0, stdout: expect.stringContaining('signed in as bob') })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    server.refuseAccessTokens()
    const both = await Promise.all([run('call'), run('call')])
    expect(both.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, '200 for bob\n'],
      [0, '200 for bob\n'],
    ])
    expect(server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
  })

  it('signs out, and says so when nobody is signed in', async () => {
    const { folder, run } = await tool()
    await run('login')
    expect(await run('logout')).toMatchObject({ code: 0, stdout: 'signed out\n' })
    expect(await readdir(folder)).not.toContain('session.json')
    expect(await run('call')).toMatchObject({ code: 1, stderr: expect.stringContaining('nobody is signed in') })
    expect(await run()).toMatchObject({ code: 2, stdout: expect.stringContaining('login|call|logout') })
  })
})

describe('examples/express-cookies', () => {
  it('keeps the session in a sealed cookie, refreshes it and signs out', async () => {
    const { server, url } = await startServer()
    const [app] = await project.start(['examples/express-cookies/main.mjs'], { API_URL: url, PORT: '0' })
    const browser = cookieJar()
    expect((await browser.send(`${app}/profile`)).status).toBe(401)
    expect((await browser.send(`${app}/login`, 'POST')).status).toBe(204)
    expect(browser.set.at(-1)).toMatch(/^__Host-tokenflight=eyJ[\w.-]+;.*HttpOnly; Secure; SameSite=Lax/)
    expect(await (await browser.send(`${app}/profile`)).json()).toEqual({ user: 'alice' })
    server.refuseAccessTokens()
    const before = browser.set.length
    expect(await (await browser.send(`${app}/profile`)).json()).toEqual({ user: 'alice' })
    expect(browser.set.length).toBeGreaterThan(before)
    server.refuseAccessTokens()
    expect((await browser.send(`${app}/profile`)).status).toBe(200)
    expect(server.counts).toMatchObject({ refreshes: 2, tokenRequests: 2, ...oneFamily })
    expect((await browser.send(`${app}/logout`, 'POST')).status).toBe(204)
    expect((await browser.send(`${app}/profile`)).status).toBe(401)
  })

  it('F5: an outage is a 503, and the browser keeps its session', async () => {
    const { server, url } = await startServer()
    const [app] = await project.start(['examples/express-cookies/main.mjs'], { API_URL: url, PORT: '0' })
    const browser = cookieJar()
    await browser.send(`${app}/login`, 'POST')
    server.refuseAccessTokens()
    server.faults.token.always({ status: 503 })
    expect((await browser.send(`${app}/profile`)).status).toBe(503)
    server.faults.token.clear()
    expect((await browser.send(`${app}/profile`)).status).toBe(200)
  })
})

describe('examples/redis-servers', () => {
  it('three servers share the session: one refresh, and a sign-out everywhere', async () => {
    const { server, url } = await startServer()
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const env = { API_URL: url, REDIS_URL: redis.url, PORTS: '0,0,0' }
    const servers = await project.start(['examples/redis-servers/main.mjs'], env, 3)
    const browser = cookieJar()
    await browser.send(`${servers[0]}/login`, 'POST')
    for (let expiry = 1; expiry <= 3; expiry += 1) {
      server.refuseAccessTokens()
      const answers = await Promise.all(servers.map((each) => browser.send(`${each}/profile`)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      expect(server.counts).toMatchObject({ refreshes: expiry, tokenRequests: expiry, ...oneFamily })
    }
    await browser.send(`${servers[2]}/logout`, 'POST')
    expect((await browser.send(`${servers[1]}/profile`)).status).toBe(401)
  })
})

describe('examples/redis-servers, without Redis', () => {
  it('F5: answers 503, and nobody is signed out when it is back', async () => {
    const { url } = await startServer()
    const redis = await startRedis({ appendonly: 'yes' })
    onTestFinished(() => redis.stop())
    const [app] = await project.start(['examples/redis-servers/one-server.mjs', '0'], {
      API_URL: url,
      REDIS_URL: redis.url,
    })
    const browser = cookieJar()
    await browser.send(`${app}/login`, 'POST')
    await redis.kill()
    expect((await browser.send(`${app}/profile`)).status).toBe(503)
    await redis.restart()
    await expect.poll(async () => (await browser.send(`${app}/profile`)).status, { timeout: 20_000 }).toBe(200)
  })
})

describe('examples/two-tabs', () => {
  it('two tabs share the session: one refresh, and a sign-out in both', async () => {
    const { server, url } = await startServer()
    const [page] = await project.start(['examples/two-tabs/main.mjs'], { API_URL: url, PORT: '0' })
    const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
    onTestFinished(() => browser.close())
    const context = await browser.newContext()
    const tabs = await Promise.all([context.newPage(), context.newPage()])
    for (const tab of tabs) await tab.goto(page)
    const shows = (id: string, text: string) =>
      Promise.all(tabs.map((tab) => tab.locator(`#${id}`, { hasText: text }).waitFor()))

    await tabs[0].click('#login')
    await shows('status', 'signedIn')
    server.refuseAccessTokens()
    await Promise.all(tabs.map((tab) => tab.click('#call')))
    await shows('answers', '200 200 200')
    expect(server.counts).toMatchObject({ refreshes: 1, tokenRequests: 1, ...oneFamily })
    await tabs[1].click('#logout')
    await shows('status', 'signedOut')
  })
})

it('examples/server.mjs: a tool signs in to it', async () => {
  const [url] = await project.start(['examples/server.mjs', '0'], {})
  const folder = await mkdtemp(join(tmpdir(), 'cli-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const env = { API_URL: url, SESSION_FILE: join(folder, 'session.json') }
  expect((await project.run(['examples/cli/main.mjs', 'login'], env)).code).toBe(0)
  expect((await project.run(['examples/cli/main.mjs', 'call'], env)).stdout).toBe('200 for alice\n')
})
