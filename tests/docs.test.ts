import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { root } from '../scripts/ensure-install.mjs'
import { type CodeBlock, codeBlocksOf, compileBlocks } from './support/code-blocks'

const documents = ['.', 'docs']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: folder !== '.', encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => file.endsWith('.md'))

const blocks = documents.flatMap((file) => codeBlocksOf(file, readFileSync(join(root, file), 'utf8')))

const sample = [
  '# Title',
  '```sh',
  'npm test',
  '```',
  'Text',
  '<!-- preamble:',
  "import type { AxiosInstance } from 'axios'",
  'declare const http: AxiosInstance -->',
  '',
  '```ts',
  "http.get('/ok')",
  "http.gte('/wrong')",
  '```',
  '<!-- preamble: declare const unseen: string -->',
  'Text between',
  '  ```tsx title="app.tsx"',
  '  export const both = <T,>(it: T) => [it, unseen]',
  '  ```',
  '````md',
  '```ts',
  'not code of this document',
  '```',
  '````',
  '```ts',
  "import { noSuchName } from 'tokenflight/testing'",
  'const unused = await Promise.resolve(1)',
].join('\n')
const sampleBlocks = codeBlocksOf('sample.md', sample)

describe('code blocks of documents', () => {
  let faults = new Map<CodeBlock, string[]>()
  beforeAll(() => {
    faults = compileBlocks([...blocks, ...sampleBlocks])
  })

  it.each(blocks.map((block) => ({ at: `${block.file}:${block.line}`, block })))('$at compiles', ({ block }) => {
    expect(faults.get(block)).toEqual([])
  })

  it('are found with their line, and with the preamble that stands right before them', () => {
    expect(sampleBlocks.map(({ line, extension }) => [line, extension])).toEqual([
      [11, 'ts'],
      [17, 'tsx'],
      [25, 'ts'],
    ])
    expect(sampleBlocks[0]?.code.trim()).toBe(
      "import type { AxiosInstance } from 'axios'\ndeclare const http: AxiosInstance \n\n\nhttp.get('/ok')\nhttp.gte('/wrong')",
    )
  })

  it('fail with the file and the line of each fault', () => {
    expect(sampleBlocks.map((block) => faults.get(block))).toEqual([
      [expect.stringMatching(/^sample\.md:12 Property 'gte' does not exist/)],
      [expect.stringMatching(/^sample\.md:17 Cannot find name 'unseen'/)],
      [expect.stringMatching(/^sample\.md:25 .*has no exported member 'noSuchName'/)],
    ])
  })
})
