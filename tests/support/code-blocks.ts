import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../../scripts/ensure-install.mjs'

/** A block of TypeScript in a document. */
export interface CodeBlock {
  /** The document, from the project's root. */
  readonly file: string
  /** The first line of its code, counted from 1. */
  readonly line: number
  readonly extension: 'ts' | 'tsx'
  /** The whole document, blank but for this block and its preamble: so every line keeps its number. */
  readonly code: string
}

/**
 * The `ts` and `tsx` blocks of a document. What a block takes for granted stands in a comment right before it, which its readers
 * do not see: `<!-- preamble: declare const http: AxiosInstance -->`.
 */
export function codeBlocksOf(file: string, markdown: string): CodeBlock[] {
  const lines = markdown.split('\n')
  const blocks: CodeBlock[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const [, fence, language] = /^\s*(`{3,})(\w*)/.exec(lines[at] ?? '') ?? []
    if (fence === undefined) continue
    const closing = lines.findIndex((line, index) => index > at && line.trim() === fence)
    const end = closing < 0 ? lines.length : closing
    if (language === 'ts' || language === 'tsx') {
      const code = lines.map((line, index) => (index > at && index < end ? line : ''))
      blocks.push({ file, line: at + 2, extension: language, code: withPreamble(code, lines, at).join('\n') })
    }
    at = end
  }
  return blocks
}

function withPreamble(code: readonly string[], lines: readonly string[], fenceAt: number): string[] {
  const last = lines.findLastIndex((line, index) => index < fenceAt && line.trim() !== '')
  if (!lines[last]?.trimEnd().endsWith('-->')) return [...code]
  const first = lines.findLastIndex((line, index) => index <= last && line.includes('<!--'))
  const isPreamble = /^\s*<!-- preamble:/.test(lines[first] ?? '')
  return code.map((line, index) =>
    isPreamble && index >= first && index <= last
      ? (lines[index] ?? '').replace(/^\s*<!-- preamble:/, '').replace(/-->\s*$/, '')
      : line,
  )
}

/**
 * Type-checks blocks against the sources, each as a module of its own beside its document.
 * @returns what is wrong, for each block: `README.md:12 Cannot find name 'http'.`
 */
export function compileBlocks(blocks: readonly CodeBlock[]): Map<CodeBlock, string[]> {
  const byPath = new Map(blocks.map((block) => [join(root, `${block.file}.${block.line}.${block.extension}`), block]))
  const options = compilerOptions()
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile } = host
  host.fileExists = (path) => byPath.has(path) || fileExists(path)
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const block = byPath.get(path)
    return block
      ? ts.createSourceFile(path, block.code, languageVersion)
      : getSourceFile.call(host, path, languageVersion, ...rest)
  }
  const program = ts.createProgram([...byPath.keys()], options, host)
  return new Map([...byPath].map(([path, block]) => [block, faultsOf(program, path, block)]))
}

function faultsOf(program: ts.Program, path: string, { file }: CodeBlock): string[] {
  const source = program.getSourceFile(path)
  if (!source) throw new Error(`${path} was not compiled`)
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) => {
    const { line } = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
    return `${file}:${line + 1} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`
  })
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  return {
    ...ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root).options,
    // an example may stop before it uses what it made
    noUnusedLocals: false,
    noUnusedParameters: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
  }
}
