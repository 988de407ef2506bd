import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * The programs that some tests drive, by the environment variable that names each.
 * @typedef {'CHROMIUM_PATH' | 'REDIS_SERVER'} ServiceName
 * @typedef {Partial<Record<ServiceName, string>>} Services
 */

/** @type {Record<ServiceName, { commands: string[], debian: string, tests: string }>} */
const known = {
  CHROMIUM_PATH: {
    commands: [
      'chromium',
      'chromium-browser',
      'google-chrome-stable',
      'google-chrome',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    debian: 'chromium',
    tests: 'the tests in a browser',
  },
  REDIS_SERVER: { commands: ['redis-server', 'valkey-server'], debian: 'redis-server', tests: 'the tests with Redis' },
}
const names = /** @type {ServiceName[]} */ (Object.keys(known))

/**
 * Where each program is: as its environment variable says, else on the PATH. What is nowhere is an error in CI;
 * elsewhere it is left out, and this says so loudly.
 * @returns {Services}
 */
export function findServices() {
  const found = locate()
  const missing = missingFrom(found)
  if (missing.length === 0) return found
  const message = missing.map(howToInstall).join('\n')
  if (isCi()) throw new Error(message)
  const line = '!'.repeat(80)
  console.warn(`${line}\n${message}\n${line}`)
  return found
}

/** Installs what is missing, where that is ours to do: as root on Debian. */
export function ensureServices() {
  const missing = missingFrom(locate())
  if (missing.length > 0 && isRootOnDebian()) install(missing.map((name) => known[name].debian))
}

/** @returns {Services} */
const locate = () =>
  Object.fromEntries(names.map((name) => [name, find(name)]).filter(([, path]) => path !== undefined))

/** @param {Services} services */
const missingFrom = (services) => names.filter((name) => services[name] === undefined)

/** @param {ServiceName} name */
function howToInstall(name) {
  const { commands, debian, tests } = known[name]
  return (
    `${commands[0]} was not found: ${tests} cannot run. ` +
    `Install it (Debian: sudo apt-get install ${debian}) or set ${name} to its path.`
  )
}

const isCi = () => !['', '0', 'false'].includes(process.env['CI'] ?? '')

/**
 * @param {ServiceName} name
 * @returns {string | undefined}
 */
function find(name) {
  const named = process.env[name]
  if (!named) return known[name].commands.map(onPath).find((path) => path !== undefined)
  const path = onPath(named)
  if (path === undefined) throw new Error(`${name} is set to ${named}, which is no program that can be run here.`)
  return path
}

/** @param {string} command */
function onPath(command) {
  const folders = command.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, command)).find(isExecutable)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function isRootOnDebian() {
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return false
  return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
}

/** @param {string[]} packages */
function install(packages) {
  console.log(`Installing ${packages.join(' and ')} (apt-get) …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  }
}
