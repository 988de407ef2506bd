/** A `diff` block of a document: what it does to the file that its title names. */
export interface DocumentDiff {
  readonly file: string
  /** For this version only: ` ```diff title="next-auth.d.ts, v4" `. */
  readonly version: string | undefined
  /** The lines it finds there, and what it leaves in their place. */
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** How many lines its reader writes. */
  readonly added: number
}

/** The blocks that begin like ` ```diff title="lib/api.ts" `. */
export function diffsOf(markdown: string): DocumentDiff[] {
  return [...markdown.matchAll(/^```diff title="([^",]+)(?:, v(\d))?"\n(.*?)^```$/gms)].map(
    ([, file = '', version, block = '']) => {
      const lines = block.split('\n').slice(0, -1)
      const kept = (sign: string): string[] =>
        lines.filter((line) => !line.startsWith(sign)).map((line) => line.slice(1))
      return {
        file,
        version,
        before: kept('+'),
        after: kept('-'),
        added: lines.filter((line) => /^\+./.test(line)).length,
      }
    },
  )
}

/** The text with the diff's lines changed. @throws Error where they are not there, or more than once */
export function applyDiff(text: string, { file, before, after }: DocumentDiff): string {
  if (before.length === 0) return `${after.join('\n')}\n`
  const parts = `\n${text}`.split(`\n${before.join('\n')}\n`)
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times:\n${before.join('\n')}`)
  return parts.join(after.length > 0 ? `\n${after.join('\n')}\n` : '\n').slice(1)
}
