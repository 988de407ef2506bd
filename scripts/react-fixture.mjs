import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './ensure-install.mjs'
import { readJson } from './subpaths.mjs'

/** React, and what would take the other one if it was linked. */
const withReact = ['react', 'react-dom', '@tanstack/react-query', '@testing-library/react', 'swr']

/**
 * The project once more, beside other versions of React and of what imports it: there is one React in a tree. Sources and tests are
 * copied, these packages are installed, everything else is linked.
 * @param {Readonly<Record<string, string>>} versions by package
 */
export function reactFixture(versions) {
  const folder = mkdtempSync(join(tmpdir(), 'tokenflight-react-'))
  const { devDependencies } = readJson('package.json')
  const packages = withReact.map((name) => `${name}@${versions[name] ?? devDependencies[name]}`)
  const install = ['install', '--no-audit', '--no-fund', '--legacy-peer-deps', '--prefix', folder, ...packages]
  const { status, stderr } = spawnSync('npm', install, {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(stderr)
  for (const name of ['src', 'tests', 'scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts'])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  linkMissing(join(root, 'node_modules'), join(folder, 'node_modules'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/**
 * @param {string} from
 * @param {string} to
 */
function linkMissing(from, to) {
  for (const name of readdirSync(from)) {
    if (name.startsWith('@') || name === '.bin') linkMissing(join(from, name), join(to, name))
    // not the caches: they hold the other React
    else if (!name.startsWith('.') && !existsSync(join(to, name))) link(join(from, name), join(to, name))
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function link(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  symlinkSync(from, to, 'junction')
}
