import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { defineConfig } from 'tsup'
import { entryName, subpaths } from './scripts/subpaths.mjs'

const outDir = 'dist'
const useClient = '"use client";'

/** tsup leaves two faults in its CommonJS output where files share chunks: mend them. */
async function mendCommonJs(): Promise<void> {
  for (const file of await readdir(outDir, { recursive: true })) {
    if (file.endsWith('.cjs.map')) await mend(file, withoutBuildPaths)
    if (file.endsWith('.cjs')) await mend(file, withDirectiveFirst)
  }
}

async function mend(file: string, change: (text: string) => string): Promise<void> {
  const path = join(outDir, file)
  await writeFile(path, change(await readFile(path, 'utf8')))
}

/** An absolute path of the building machine is among the sources. */
function withoutBuildPaths(text: string): string {
  const { file: _, ...map }: { file?: string; sources: string[] } = JSON.parse(text)
  const sources = map.sources.map((source) => (source.startsWith('/') ? `./${basename(source)}` : source))
  return JSON.stringify({ ...map, sources })
}

/** After the first statement `use client` is no directive. */
function withDirectiveFirst(code: string): string {
  const at = code.indexOf(useClient)
  return at > 0 ? useClient + code.slice(0, at) + code.slice(at + useClient.length) : code
}

export default defineConfig({
  entry: Object.fromEntries([...subpaths].map(([path, source]) => [entryName(path), source])),
  outDir,
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  removeNodeProtocol: false,
  // tsup passes `baseUrl`, which TypeScript 6 deprecates
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  // one copy of what subpaths share, also in CommonJS
  splitting: true,
  sourcemap: true,
  clean: true,
  onSuccess: mendCommonJs,
})
