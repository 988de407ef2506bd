import { spawnSync } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { main } from '../../demo/main.mjs'
import { parseOptions } from '../../demo/options.mjs'
import { root } from '../../scripts/ensure-install.mjs'
import type { RefreshContext, Refresher } from '../../src'
import { serve } from '../../src/testing'

const once = { once: true, port: 0, help: false }
const size = 30

/** What `npm run demo -- --once` prints, and its exit code. */
async function play(given: { options?: { refresh: Refresher }; deadlineMs?: number } = {}) {
  const lines: string[] = []
  const exitCode = await main(once, { print: (line) => lines.push(line), size, ...given })
  return { exitCode, lines, heads: lines.filter((line) => /^[✓✗]/.test(line)) }
}

/** The rows of one scene, without the blanks that align them. */
function rowsOf(lines: readonly string[], scene: number): string[] {
  const start = lines.findIndex((line) => line.slice(2).startsWith(`${scene} `))
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => /^[✓✗]/.test(line))
  return (end < 0 ? rest : rest.slice(0, end))
    .filter((line) => /\s[✓✗]$/.test(line))
    .map((line) => line.trim().replace(/\s{2,}/g, ' | '))
}

describe('the demo in the terminal', () => {
  it('plays six scenes, each with the counts it promises', async () => {
    const { exitCode, lines, heads } = await play()
    expect(heads.map((line) => line.slice(0, 4))).toEqual(['✓ 1 ', '✓ 2 ', '✓ 3 ', '✓ 4 ', '✓ 5 ', '✓ 6 '])
    expect([1, 2, 3, 4, 5, 6].map((scene) => rowsOf(lines, scene)[0])).toEqual([
      'refreshes | 1 | 1 | ✓',
      'refreshes | 1 | 1 | ✓',
      'refreshes | 1 | 1 | ✓',
      'during it: requests for a token | 3 | 3 | ✓',
      'refreshes | 1 | 1 | ✓',
      "refreshes (Alice's) | 1 | 1 | ✓",
    ])
    expect(rowsOf(lines, 2)).toContain(`requests to the API | ${2 * size} | ${2 * size} | ✓`)
    expect(lines.at(-1)).toBe('6 of 6 scenes went as expected.')
    expect(exitCode).toBe(0)
  })

  it('shows a client that refreshes twice, and ends with exit code 1', async () => {
    const exchange = ({ fetch, signal }: RefreshContext, refreshToken: string): Promise<Response> =>
      fetch('/token', {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
        signal,
      })
    const twice: Refresher = async (context) => {
      const { refresh_token: rotated } = await (await exchange(context, context.refreshToken)).json()
      return exchange(context, rotated)
    }
    // a client that is wrong may leave a scene waiting for what never comes
    const { exitCode, lines, heads } = await play({ options: { refresh: twice }, deadlineMs: 1_000 })
    expect(heads[0]).toMatch(/^✗ 1 /)
    expect(rowsOf(lines, 1)).toContain('refreshes | 2 | 1 | ✗')
    expect(rowsOf(lines, 1)).toContain(`answered 200 | ${size} | ${size} | ✓`)
    expect(lines.at(-1)).toMatch(/^[0-5] of 6 scenes/)
    expect(exitCode).toBe(1)
  })

  it('says so when the page cannot be served', async () => {
    const { url, close } = await serve(() => new Response(null))
    onTestFinished(close)
    const lines: string[] = []
    const taken = { once: false, port: Number(new URL(url).port), help: false }
    expect(await main(taken, { print: (line) => lines.push(line), size: 3 })).toBe(1)
    expect(lines.at(-1)).toMatch(/The page cannot be served: .*EADDRINUSE/)
  })

  it('ends a scene that waits for what never comes', async () => {
    const { exitCode, lines, heads } = await play({
      options: { refresh: () => new Promise(() => {}) },
      deadlineMs: 100,
    })
    expect(heads.map((line) => line[0])).toEqual(['✗', '✗', '✗', '✗', '✗', '✗'])
    expect(lines.filter((line) => line.includes('not at its end after 100 ms'))).toHaveLength(6)
    expect(exitCode).toBe(1)
  })
})

describe('the options of the demo', () => {
  it('have defaults', () => {
    expect(parseOptions([])).toEqual({ once: false, port: 0, help: false })
    expect(parseOptions(['--once', '--port', '8080'])).toEqual({ once: true, port: 8080, help: false })
  })

  it.each([['--onec'], ['--port'], ['--port=http'], ['--port=65536'], ['--once=yes'], ['once']])(
    'refuse %s',
    (argument) => {
      expect(() => parseOptions([argument])).toThrow()
    },
  )

  it.each([
    ['--help', 0, 'stdout'],
    ['--onec', 2, 'stderr'],
  ] as const)('%s is answered before anything is installed or built', (argument, status, stream) => {
    const ended = spawnSync(process.execPath, ['scripts/demo.mjs', argument], { cwd: root, encoding: 'utf8' })
    expect(ended.status).toBe(status)
    expect(ended[stream]).toContain('Usage: npm run demo')
    expect(ended.stdout).not.toContain('Building')
  })
})
