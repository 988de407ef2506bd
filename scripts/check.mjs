// `npm run check`: every check of the project, each also an npm script of its own. `--with-tests` runs `npm test` first.
// Ends with a line that sums what passed and failed; fails when anything failed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv } from 'node:process'
import { ensureInstalled, root } from './ensure-install.mjs'

const checks = ['lint', 'rooms', 'types', 'build', 'check:package', 'unused', 'size']

/** @typedef {{ passed: number, failed: number }} Tally */

/**
 * @param {string} name of an npm script
 * @param {readonly string[]} args
 */
function succeeds(name, args = []) {
  console.log(`\n── npm run ${[name, ...args].join(' ')}`)
  const { status } = spawnSync('npm', ['run', '--silent', name, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  return status === 0
}

/**
 * @param {string} name
 * @returns {Tally}
 */
function check(name) {
  if (succeeds(name)) return { passed: 1, failed: 0 }
  console.error(`FAILED: npm run ${name}`)
  return { passed: 0, failed: 1 }
}

/** @returns {Tally} */
function test() {
  const folder = mkdtempSync(join(tmpdir(), 'tokenflight-check-'))
  const report = join(folder, 'tests.json')
  const succeeded = succeeds('test', ['--', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`])
  const { passed, failed } = readReport(report)
  rmSync(folder, { recursive: true })
  // what fails outside a test (an error nobody caught, a file that cannot be loaded) has a status only
  return { passed, failed: succeeded ? failed : Math.max(failed, 1) }
}

/**
 * @param {string} file
 * @returns {Tally}
 */
function readReport(file) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

const withTests = argv.includes('--with-tests')
if (!withTests) ensureInstalled()
const tallies = [...(withTests ? [test()] : []), ...checks.map(check)]
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0)
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0)
console.log(`\n${passed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
