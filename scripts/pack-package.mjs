import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './ensure-install.mjs'

/**
 * Builds the package and unpacks its tarball into `folder`. What the registry would hand out is in the path it returns.
 * @param {string} folder
 */
export function packPackage(folder) {
  npm('run', '--silent', 'build')
  const [{ filename }] = JSON.parse(npm('pack', '--json', '--pack-destination', folder))
  execFileSync('tar', ['-xzf', filename], { cwd: folder })
  return join(folder, 'package')
}

/** @param {string[]} args */
const npm = (...args) =>
  execFileSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
