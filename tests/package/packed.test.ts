import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
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

  it('plays the demo', () => {
    cpSync(join(root, 'demo'), join(fixture.folder, 'demo'), { recursive: true })
    const play = "import { main } from './demo/main.mjs'; process.exitCode = await main({ once: true, port: 0 })"
    const args = ['--input-type=module', '--eval', play]
    const printed = execFileSync(process.execPath, args, { cwd: fixture.folder, encoding: 'utf8' })
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
