// `npm run test:matrix`: the packed package under other runtimes and compilers, and the tests with the oldest peers it supports and
// with the next major ones. Fetches them through npx: it needs the network, and is no part of CI.
import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, root } from './ensure-install.mjs'
import { packFixture } from './pack-fixture.mjs'
import { reactFixture } from './react-fixture.mjs'

const nodes = ['20', '22', '24', '26']
const typescripts = ['5.4.5', '5.9.3', '6.0.3', '7.0.2']
const scripts = ['smoke.mjs', 'smoke.cjs', 'subpaths.mjs', 'brand.mjs']
const moduleResolutions = ['node16', 'bundler']

ensureInstalled()
const fixture = packFixture()
const folder = fixture.folder
const react18 = reactFixture({ react: '18', 'react-dom': '18', '@tanstack/react-query': '5.62.0' })
// the same source once more: as CommonJS
copyFileSync(join(folder, 'consumer.mts'), join(folder, 'consumer.cts'))

/** @type {[name: string, folder: string, command: readonly string[]][]} */
const runs = [
  ...nodes.flatMap((version) => inRuntime(`node ${version}`, [`node@${version}`])),
  ...inRuntime('bun', ['bun@1.4.5']),
  ...inRuntime('deno', ['deno@2.9.5', 'run', '-A', '--cached-only', '--node-modules-dir=manual']),
  ...typescripts.flatMap((version) => compiledBy(version)),
  [
    'the tests with other peers',
    root,
    ['vitest', 'run', '--config', 'vitest.peers.config.ts', 'tests/transports', 'tests/nock'],
  ],
  [
    'the tests with React 18 and the oldest react-query',
    react18.folder,
    [
      'vitest',
      'run',
      '--typecheck.enabled=false',
      'tests/browser/react',
      'tests/browser/connect',
      'tests/frameworks/react',
    ],
  ],
]
const failed = runs.filter(([name, cwd, command]) => !succeeds(name, cwd, command))
fixture.remove()
react18.remove()
console.log(`\n${runs.length - failed.length} passed, ${failed.length} failed`)
if (failed.length > 0) process.exitCode = 1

/**
 * @param {string} name
 * @param {readonly string[]} runtime
 * @returns {typeof runs}
 */
function inRuntime(name, runtime) {
  return scripts.map((script) => [`${name}: ${script}`, folder, [...runtime, script]])
}

/**
 * @param {string} version of TypeScript
 * @returns {typeof runs}
 */
function compiledBy(version) {
  const tsc = ['-p', `typescript@${version}`, 'tsc', '-p', folder]
  return moduleResolutions.map((resolution) => {
    const module = resolution === 'bundler' ? 'esnext' : resolution
    return [`TypeScript ${version} ${resolution}`, root, [...tsc, '--module', module, '--moduleResolution', resolution]]
  })
}

/**
 * @param {string} name
 * @param {string} cwd
 * @param {readonly string[]} command
 */
function succeeds(name, cwd, command) {
  const { status, stdout, stderr } = spawnSync('npx', ['-y', ...command], {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  console.log(`${status === 0 ? 'passed' : 'FAILED'}  ${name}`)
  if (status !== 0) console.error(stdout, stderr)
  return status === 0
}
