import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startPage } from '../../demo/page-server.mjs'
import { scenes } from '../../demo/scenes/index.mjs'
import { root } from '../../scripts/ensure-install.mjs'
import { entryName, subpaths } from '../../scripts/subpaths.mjs'

const storm = 24

/** The package as the page loads it: apart from dist, which another test may be building. */
async function buildPackage(): Promise<string> {
  const outdir = await mkdtemp(join(tmpdir(), 'tokenflight-demo-'))
  const entries = ['tokenflight', 'tokenflight/axios', 'tokenflight/ky'].map((path) => [
    entryName(path),
    join(root, subpaths.get(path) ?? ''),
  ])
  await build({
    entryPoints: Object.fromEntries(entries),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    external: ['axios', 'ky', 'mitt'],
    logLevel: 'error',
  })
  return outdir
}

describe('the page of the demo', { timeout: 60_000 }, () => {
  let packageFolder: string
  let browser: Browser
  let served: Awaited<ReturnType<typeof startPage>>
  let page: Page
  const broken: string[] = []

  beforeAll(async () => {
    packageFolder = await buildPackage()
    browser = await chromium.launch({
      executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    })
  })
  afterAll(async () => {
    await browser?.close()
    await rm(packageFolder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    broken.length = 0
    served = await startPage({ packageFolder })
    page = await browser.newPage({ viewport: { width: 1360, height: 860 } })
    page.on('pageerror', (error) => broken.push(error.message))
    await page.goto(served.url)
    await idle()
  })
  afterEach(async () => {
    await page.close()
    await served.close()
    expect(broken).toEqual([])
  })

  const idle = () => page.waitForSelector('#figure[aria-busy=false]')

  async function click(...ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await page.click(`#${id}`)
      await idle()
    }
  }
  /** What the servers have counted, as the page shows it. */
  const counts = () =>
    page.$$eval('[data-count]', (elements) =>
      Object.fromEntries(elements.map((it) => [it.getAttribute('data-count'), Number(it.textContent)])),
    )
  const texts = (selector: string) => page.$$eval(selector, (elements) => elements.map((it) => it.textContent))
  /** What a scene does to the servers. */
  const control = (name: string, ...args: readonly (string | number)[]) =>
    page.evaluate(
      async ([path, body]) => {
        await fetch(path, { method: 'POST', body })
      },
      [`/control/${name}`, JSON.stringify(args)] as const,
    )
  const bars = async (kind: string) => (await page.$$(`#timeline rect.${kind}`)).length

  it.each(scenes.map(({ id, title }) => ({ id, title })))('plays: $title', async ({ id }) => {
    await click(`scene-${id}`)
    expect(await texts('.verdict')).toEqual(['✓ as expected'])
    expect((await texts('#result .sign')).length).toBeGreaterThanOrEqual(6)
    expect(await texts('#timeline .flight title')).not.toEqual([])
    expect((await counts())['refreshes']).toBe(1)
  })

  it('draws a refused request as sent, waiting and resent below one refresh', async () => {
    await click('refuse')
    await control('hold', 'refreshAnswers')
    await page.click('#storm')
    await control('until', 'refused', storm)
    await control('release', 'refreshAnswers')
    await idle()
    await expect.poll(counts).toMatchObject({ refreshes: 1, requests: 2 * storm, refused: storm, accepted: storm })
    const stories = (await texts('#timeline g > title')).filter((it) =>
      it?.endsWith('refused, waiting, resent, answered 200'),
    )
    expect(stories).toHaveLength(storm)
    expect(await texts('#timeline .flight title')).toEqual([
      expect.stringMatching(/^refresh: refreshed, .*1 × the token/),
    ])
    expect(await page.textContent('#summary')).toBe(
      '24 requests · 48 sent · 24 refused · 24 resent · 24 answered 200 · 1 refresh',
    )
  })

  it('lets a person expire the token', async () => {
    await click('expire', 'storm')
    await expect.poll(counts).toMatchObject({ refreshes: 1, requests: storm, refused: 0, accepted: storm })
    expect(await bars('sent')).toBe(storm)
    expect(await bars('refused')).toBe(0)
  })

  it('lets a person begin an outage, and end it', async () => {
    await click('expire', 'outage', 'storm')
    await expect.poll(counts).toMatchObject({ tokenRequests: 3, refreshes: 0, requests: 0 })
    expect(await page.getAttribute('#outage', 'aria-pressed')).toBe('true')
    expect(await page.textContent('#session')).toBe('signed in as alice')
    await click('outage', 'storm')
    await expect.poll(counts).toMatchObject({ tokenRequests: 1, refreshes: 1, accepted: storm })
  })

  it('lets a person sign out in the middle of a refresh', async () => {
    await click('refuse')
    await control('hold', 'refreshAnswers')
    await page.click('#storm')
    await page.waitForSelector('#timeline .flight.open')
    await page.click('#sign-out')
    await expect.poll(() => page.textContent('#session')).toBe('signed out')
    await control('release', 'refreshAnswers')
    await idle()
    await expect.poll(counts).toMatchObject({ accepted: 0, revocations: 2 })
    expect(await texts('#timeline .mark-label')).toEqual(['sign-out'])
    expect(await bars('resent')).toBe(0)
  })

  it('lets another user sign in', async () => {
    await click('storm')
    await expect.poll(counts).toMatchObject({ 'accepted-for-alice': storm })
    await click('other-user', 'storm')
    await expect.poll(counts).toMatchObject({ 'accepted-for-bob': storm })
    expect(await counts()).not.toHaveProperty('accepted-for-alice')
    expect(await page.textContent('#session')).toBe('signed in as bob')
  })

  it('takes commands from its own page only', async () => {
    const command = { method: 'POST', body: '[]' }
    expect((await fetch(`${served.url}/control/refuse`, command)).status).toBe(403)
    const foreign = { ...command, headers: { origin: 'https://elsewhere.example' } }
    expect((await fetch(`${served.url}/control/refuse`, foreign)).status).toBe(403)
    expect((await fetch(`${served.url}/demo/%2e%2e/package.json`)).status).toBe(404)
  })
})
