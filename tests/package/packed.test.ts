import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../scripts/ensure-install.mjs'
import { packFixture } from '../../scripts/pack-fixture.mjs'

describe('the packed tarball', () => {
  let fixture: ReturnType<typeof packFixture>
  beforeAll(() => {
    fixture = packFixture()
  })
  afterAll(() => fixture?.remove())

  it.each([
    ['signs in, and resends a refused request, as an ES module', 'smoke.mjs'],
    ['signs in, and resends a refused request, as CommonJS', 'smoke.cjs'],
    ['has every subpath both ways', 'subpaths.mjs'],
    ['knows an error of its other copy', 'brand.mjs'],
  ])('%s', (_, script) => {
    expect(execFileSync(process.execPath, [script], { cwd: fixture.folder, encoding: 'utf8' })).toBe('ok\n')
  })

  it.each(['mts', 'cts'])(
    'compiles in an app, which names its own fields beside the tokens: a .%s file',
    (extension) => {
      const consumer = join(fixture.folder, `consumer.${extension}`)
      if (extension === 'cts') copyFileSync(join(fixture.folder, 'consumer.mts'), consumer)
      const options = ['--module', 'node16', '--moduleResolution', 'node16', '--skipLibCheck']
      expect(compile(process.execPath, [tsc, '-p', fixture.folder, ...options], fixture.folder)).toBe('')
    },
  )

  it('compiles with the oldest axios, and the newest ky', () => {
    const modules = join(fixture.folder, 'node_modules')
    const peers = { axios: 'axios-1.7', ky: 'ky-2' }
    for (const [name, installed] of Object.entries(peers)) link(installed, join(modules, name))
    try {
      const options = ['--module', 'esnext', '--moduleResolution', 'bundler']
      expect(compile(process.execPath, [tsc, '-p', fixture.folder, ...options], fixture.folder)).toBe('')
    } finally {
      for (const name of Object.keys(peers)) link(name, join(modules, name))
    }
  })

  it('is what the demo plays with, until it is interrupted', async () => {
    const start = "import { main } from './demo/main.mjs'; process.exitCode = await main({ once: false, port: 0 })"
    const demo = spawn(process.execPath, ['--input-type=module', '--eval', start], { cwd: root })
    const ended = once(demo, 'exit')
    let printed = ''
    for await (const chunk of demo.stdout) {
      printed += chunk
      const [, url] = /browser: (\S+)\n/.exec(printed) ?? []
      if (url === undefined) continue
      for (const path of ['', 'package/index.js', 'package/axios.js', 'package/ky.js']) {
        expect((await fetch(`${url}/${path}`)).status, path).toBe(200)
      }
      demo.kill('SIGINT')
    }
    expect(await ended).toEqual([0, null])
    expect(printed).toContain('\n6 of 6 scenes went as expected.\n')
  })

  it('names no folder of the machine it was built on, and keeps `use client` first', () => {
    const dist = join(fixture.folder, 'node_modules/tokenflight/dist')
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(c?js|map|c?ts)$/.test(file),
    )
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      const text = readFileSync(join(dist, file), 'utf8')
      expect(text, file).not.toContain(root)
      if (/\.c?js$/.test(file) && text.includes('"use client"')) expect(text, file).toMatch(/^"use client"/)
    }
  })
})

const tsc = join(root, 'node_modules/typescript/bin/tsc')

/** Puts what the project has installed by this name there. */
function link(installed: string, path: string): void {
  rmSync(path)
  symlinkSync(join(root, 'node_modules', installed), path, 'junction')
}

/** What the compiler prints. */
function compile(command: string, args: readonly string[], cwd: string): string {
  const { stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  return stdout + stderr
}
