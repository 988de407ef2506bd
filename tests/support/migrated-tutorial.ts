import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../scripts/ensure-install.mjs'
import { applyDiff, diffsOf } from './document-diffs'

/** What docs/next-auth.md changes in the tutorial's app. */
export const migrationDiffs = async () => diffsOf(await readFile(join(root, 'docs/next-auth.md'), 'utf8'))

/** The tutorial's app after these changes, in a folder of its own, which its caller removes. */
export async function migratedTutorial(version: 4 | 5): Promise<string> {
  const app = await mkdtemp(join(tmpdir(), 'tokenflight-migrated-'))
  for (const part of ['tutorial', `tutorial-v${version}`])
    await cp(join(root, 'tests/e2e-next', part), app, { recursive: true })
  for (const diff of await migrationDiffs()) {
    if (diff.version !== undefined && diff.version !== String(version)) continue
    const path = join(app, diff.file)
    const isNew = diff.before.length === 0
    await writeFile(path, applyDiff(isNew ? '' : await readFile(path, 'utf8'), diff))
  }
  await rm(join(app, 'lib/refresh-token-handler.tsx'))
  return app
}
