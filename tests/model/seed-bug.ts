import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { Subject } from './subject'

/** A mistake that somebody could make: in these files of src, each text is replaced by another. */
export interface Bug {
  readonly name: string
  readonly changes: readonly { readonly file: string; readonly text: string; readonly by: string }[]
}

const src = fileURLToPath(new URL('../../src', import.meta.url))

/**
 * The sources with the bug in them, built to `outfile`.
 * @throws where a text does not stand exactly once in its file: then the bug has to be seeded anew
 */
export async function seedBug({ name, changes }: Bug, outfile: string): Promise<Subject> {
  const seeding: Plugin = {
    name,
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        let contents = await readFile(path, 'utf8')
        for (const { file, text, by } of changes) {
          if (relative(src, path) !== file) continue
          if (contents.split(text).length !== 2)
            throw new Error(`${name}: ${file} does not have this text once: ${text}`)
          contents = contents.replace(text, () => by)
        }
        return { contents, loader: 'ts' }
      })
    },
  }
  await build({
    stdin: {
      contents: `export * from './create-auth-client'\nexport * from './storages/memory-storage'`,
      resolveDir: src,
      sourcefile: 'subject.ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    plugins: [seeding],
    logLevel: 'error',
  })
  const subject: Subject = await import(/* @vite-ignore */ pathToFileURL(join(outfile)).href)
  return subject
}
