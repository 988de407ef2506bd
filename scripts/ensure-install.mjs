import { spawnSync } from 'node:child_process'
import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root, wherever a script was started from. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs `npm ci` when node_modules is missing or does not hold what package-lock.json names. Exits when that fails. */
export function ensureInstalled() {
  if (isInstalled()) return
  if (isLink('node_modules')) {
    console.error('node_modules is a link and does not match package-lock.json: run `npm ci` where it points to.')
    process.exit(1)
  }
  console.log('Installing the dependencies of package-lock.json (npm ci) …')
  run('npm', ['ci', '--no-audit', '--no-fund'])
}

/**
 * Runs a command in the project's root with its output in ours; exits with its status when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 */
export function run(command, args) {
  const { error, status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32' && command === 'npm',
  })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

function isInstalled() {
  const installed = lockedPackages('node_modules/.package-lock.json')
  const wanted = lockedPackages('package-lock.json')
  if (!installed || !wanted) return false
  return Object.entries(wanted).every(
    // an optional package may be one of another platform
    ([path, { version, optional }]) => path === '' || (installed[path]?.version ?? (optional && version)) === version,
  )
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }> | undefined}
 */
function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  } catch {
    return undefined
  }
}

/** @param {string} path */
const isLink = (path) => lstatSync(join(root, path), { throwIfNoEntry: false })?.isSymbolicLink() === true
