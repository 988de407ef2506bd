import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it, onTestFinished } from 'vitest'
import { root } from '../../../scripts/ensure-install.mjs'
import { subpaths } from '../../../scripts/subpaths.mjs'
import { migratedTutorial, migrationDiffs } from '../../support/migrated-tutorial'

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
  it('fewer than 25 lines are written', async () => {
    const diffs = await migrationDiffs()
    expect(diffs.reduce((sum, { added }) => sum + added, 0)).toBe(24)
  })

  it.each([4, 5] as const)(
    'next-auth v%i: the lines fit the app, and it compiles',
    async (version) => {
      const app = await migratedTutorial(version)
      onTestFinished(() => rm(app, { recursive: true }))
      await symlink(join(root, 'node_modules'), join(app, 'node_modules'))
      expect(faultsOf(app, version)).toEqual([])
    },
    60_000,
  )
})
