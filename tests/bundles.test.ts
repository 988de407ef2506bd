import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { subpaths } from '../scripts/subpaths.mjs'

/** The packages each subpath may need. */
const packages: Record<string, readonly string[]> = {
  tokenflight: ['mitt'],
  'tokenflight/axios': ['axios'],
  'tokenflight/cookies': ['cookie', 'jose'],
  'tokenflight/file': ['node'],
  'tokenflight/ky': ['ky'],
  'tokenflight/react': ['react'],
  'tokenflight/react-query': ['@tanstack/react-query'],
  'tokenflight/next-auth/server': ['mitt', 'next', 'next-auth', 'oauth4webapi'],
  'tokenflight/redis': ['jose'],
  'tokenflight/testing': ['mitt', 'node'],
}

/** Subpaths that are made of others. */
const composed = ['tokenflight/testing', 'tokenflight/server']

/** What of the sources and of packages is left in a subpath's bundle. */
async function contentsOf(source: string) {
  const { metafile } = await build({
    entryPoints: [source],
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    metafile: true,
    packages: 'external',
    target: 'es2022',
    write: false,
  })
  const [output] = Object.values(metafile.outputs)
  if (!output) throw new Error(`${source} has no bundle`)
  return {
    files: Object.keys(output.inputs).filter((file) => output.inputs[file]?.bytesInOutput),
    packages: output.imports.map(({ path }) => path),
  }
}

/** `react/jsx-runtime` → `react`, `node:fs` → `node`. */
const packageOf = (specifier: string) => /^(@[^/]+\/)?[^/:]+/.exec(specifier)?.[0] ?? specifier

it.each([...subpaths])('%s brings no other subpath along and needs its own packages only', async (path, source) => {
  const contents = await contentsOf(source)
  const others = [...subpaths.values()].filter((other) => other !== source)
  if (!composed.includes(path)) expect(contents.files.filter((file) => others.includes(file))).toEqual([])
  expect(contents.packages.filter((name) => !packages[path]?.includes(packageOf(name)))).toEqual([])
})
