import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it, onTestFinished } from 'vitest'
import { root } from '../../../scripts/ensure-install.mjs'
import { subpaths } from '../../../scripts/subpaths.mjs'
import { applyDiff, diffsOf } from '../../support/document-diffs'

const diffs = diffsOf(await readFile(join(root, 'docs/next-auth.md'), 'utf8'))

/** The tutorial's app, in a folder of its own. */
async function tutorial(version: 4 | 5): Promise<string> {
  const app = await mkdtemp(join(tmpdir(), 'tokenflight-migration-'))
  onTestFinished(() => rm(app, { recursive: true }))
  for (const part of ['tutorial', `tutorial-v${version}`])
    await cp(join(root, 'tests/e2e-next', part), app, { recursive: true })
  await symlink(join(root, 'node_modules'), join(app, 'node_modules'))
  return app
}

async function migrate(app: string, version: 4 | 5): Promise<void> {
  for (const diff of diffs.filter((one) => [undefined, String(version)].includes(one.version))) {
    const path = join(app, diff.file)
    const text = diff.before.length === 0 ? '' : await readFile(path, 'utf8')
    await writeFile(path, applyDiff(text, diff))
  }
  await rm(join(app, 'lib/refresh-token-handler.tsx'))
}

/** What the compiler says of the app; `next-auth` is the version it is for. */
function faultsOf(app: string, version: 4 | 5): string[] {
  const { config } = ts.readConfigFile(join(app, 'tsconfig.json'), ts.sys.readFile)
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, app)
  const nextAuth = join(root, 'node_modules', version === 4 ? 'next-auth' : 'next-auth-5')
  const sources = [...subpaths].map(([path, source]) => [path, [join(root, source)]])
  options.paths = { ...Object.fromEntries(sources), 'next-auth': [nextAuth], 'next-auth/*': [`${nextAuth}/*`] }
  options.incremental = false
  options.types = ['node']
  options.typeRoots = [join(root, 'node_modules/@types')]
  const program = ts.createProgram(fileNames, options)
  return fileNames
    .map((name) => program.getSourceFile(name))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
}

describe('docs/next-auth.md: from the tutorial', () => {
  it('fewer than 25 lines are written', () => {
    expect(diffs.reduce((sum, { added }) => sum + added, 0)).toBe(24)
  })

  it.each([4, 5] as const)(
    'next-auth v%i: the lines fit the app, and it compiles',
    async (version) => {
      const app = await tutorial(version)
      await migrate(app, version)
      expect(faultsOf(app, version)).toEqual([])
    },
    60_000,
  )
})
