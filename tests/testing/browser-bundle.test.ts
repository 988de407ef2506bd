import { build } from 'esbuild'
import { expect, it } from 'vitest'

it('a browser can bundle the subpath: nothing in it is imported from Node', async () => {
  const { metafile } = await build({
    entryPoints: ['src/testing/index.ts'],
    bundle: true,
    format: 'esm',
    metafile: true,
    platform: 'browser',
    target: 'es2022',
    write: false,
  })
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([])
})
