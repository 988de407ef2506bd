import { spawn } from 'node:child_process'
import { build } from 'esbuild'

export interface ScriptResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs TypeScript as a Node process of its own and waits for its end. Imports are relative to `tests/support/`. */
export async function runScript(source: string, env: Readonly<Record<string, string>> = {}): Promise<ScriptResult> {
  const { outputFiles } = await build({
    stdin: { contents: source, loader: 'ts', resolveDir: import.meta.dirname },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
  })
  const child = spawn(process.execPath, ['--input-type=module', '-'], { env: { ...process.env, ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  child.stdin.end(outputFiles[0]?.text)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, stdout, stderr }
}
