import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { exports as packageExports } from '../package.json'
import { entryName, subpaths } from '../scripts/subpaths.mjs'

const conditionsOf = (name: string) => ({
  import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
  require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
})

it('package.json exports each subpath that tsconfig.json has a source for, and no other', () => {
  const wanted = [...subpaths.keys()].map((path) => [path.replace('tokenflight', '.'), conditionsOf(entryName(path))])
  expect(packageExports).toEqual({ ...Object.fromEntries(wanted), './package.json': './package.json' })
})

it.each([...subpaths])('%s has the source %s', (_, source) => {
  expect(existsSync(source)).toBe(true)
})
