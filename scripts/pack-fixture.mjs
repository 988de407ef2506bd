import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './ensure-install.mjs'
import { packPackage } from './pack-package.mjs'
import { readJson } from './subpaths.mjs'

/**
 * Builds and packs the package, and unpacks it where an app would have it: in the node_modules of a folder outside the project, beside
 * the files of tests/package/fixture. Nothing is fetched: what it depends on is linked.
 */
export function packFixture() {
  const folder = mkdtempSync(join(tmpdir(), 'tokenflight-package-'))
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  renameSync(packPackage(folder), join(modules, 'tokenflight'))
  for (const name of dependencies()) link(name, modules)
  cpSync(join(root, 'tests/package/fixture'), folder, { recursive: true })
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** What an app installs beside the package: whatever of it the project has too. */
function dependencies() {
  const { dependencies, peerDependencies } = readJson('package.json')
  const types = ['@types/node', '@types/react']
  return [...Object.keys(dependencies), ...Object.keys(peerDependencies), ...types].filter((name) =>
    existsSync(join(root, 'node_modules', name)),
  )
}

/**
 * @param {string} name
 * @param {string} modules
 */
function link(name, modules) {
  mkdirSync(dirname(join(modules, name)), { recursive: true })
  symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction')
}
