import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ensure-install.mjs'

/**
 * Every import path of the package with its source file: `tokenflight/axios` → `src/transports/axios.ts`. `paths` of tsconfig.json is
 * where they stand; the build, the tests' aliases and the checks follow it, and a test compares package.json's `exports` with it.
 * @type {ReadonlyMap<string, string>}
 */
export const subpaths = new Map(
  Object.entries(readJson('tsconfig.json').compilerOptions.paths).map(([path, [source]]) => [
    path,
    source.replace('./', ''),
  ]),
)

/**
 * The name of a subpath's files in dist: `index`, `axios`, `next-auth/server`.
 * @param {string} path
 */
export const entryName = (path) => (path === 'tokenflight' ? 'index' : path.replace('tokenflight/', ''))

/** @param {string} file */
export function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'))
}
