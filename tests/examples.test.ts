import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../scripts/ensure-install.mjs'

const ofOneVersion = [
  '.env',
  'README.md',
  'app/api/auth/[...nextauth]/route.ts',
  'auth.ts',
  'package-lock.json',
  'package.json',
]
const made = /^(node_modules|\.next)\/|next-env\.d\.ts$|\.tsbuildinfo$/

/** Every file of an example by its path. */
function filesOf(example: string): Record<string, string> {
  const folder = join(root, 'examples', example)
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name).slice(folder.length + 1))
  return Object.fromEntries(
    paths.filter((path) => !made.test(path)).map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  )
}

describe('the examples for next-auth 4 and 5', () => {
  it('differ in what next-auth wants differently, and in nothing else', () => {
    const [v4, v5] = [filesOf('next-app'), filesOf('next-app-v5')]
    const paths = [...new Set([...Object.keys(v4), ...Object.keys(v5)])]
    expect(paths.filter((path) => v4[path] !== v5[path]).toSorted()).toEqual(ofOneVersion)
  })
})
