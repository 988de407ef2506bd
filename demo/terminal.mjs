import { styleText } from 'node:util'
import { figure } from './figure.mjs'
import { isRight, playScene } from './play-scene.mjs'
import { scenes } from './scenes/index.mjs'
import { startServers } from './servers.mjs'
import { createStage } from './stage.mjs'

/**
 * @typedef {object} TerminalOptions
 * @property {(line: string) => void} print
 * @property {boolean} [color] defaults to no
 * @property {number} [size] requests of a storm; defaults to 300
 * @property {import('./session.mjs').ClientOptions} [options] for the client, in place of the demo's own
 * @property {number} [deadlineMs] for each scene
 */

/** @typedef {(format: Parameters<typeof styleText>[0], text: string) => string} Paint */

/**
 * Plays every scene against servers of its own, and prints what they counted.
 * @param {TerminalOptions} options
 * @returns {Promise<boolean>} did every scene go as expected?
 */
export async function playInTerminal({ print, color = false, size = 300, options = {}, deadlineMs }) {
  /** @type {Paint} */
  const paint = color ? styleText : (_, text) => text
  print(`${paint('bold', 'tokenflight')}: six scenes against real servers on loopback. Storms of ${size} requests go`)
  print('through fetch, axios and ky at once, and all three borrow one session.')
  let passed = 0
  for (const [index, scene] of scenes.entries()) {
    const servers = await startServers()
    const stage = createStage({ urls: servers.urls, control: servers.control, size, own: { options } })
    const result = await playScene(scene, stage, deadlineMs)
    await servers.close()
    for (const line of describeResult(index + 1, result, paint)) print(line)
    if (result.passed) passed += 1
  }
  const all = passed === scenes.length
  print('')
  print(paint(all ? 'green' : 'red', `${passed} of ${scenes.length} scenes went as expected.`))
  return all
}

/**
 * @param {number} number
 * @param {import('./play-scene.mjs').Result} result
 * @param {Paint} paint
 */
const describeResult = (number, { scene, servers, app, failure, passed }, paint) => [
  '',
  `${verdict(passed, paint)} ${paint('bold', `${number}  ${scene.title}`)}`,
  indent(scene.story),
  indent(scene.point),
  ...(failure === undefined ? [] : [indent(paint('red', `The scene broke off: ${failure}`))]),
  ...describeRows('the servers counted', servers, paint),
  ...describeRows('the app saw', app, paint),
]

/**
 * @param {string} heading
 * @param {readonly import('./play-scene.mjs').Row[]} rows
 * @param {Paint} paint
 */
function describeRows(heading, rows, paint) {
  if (rows.length === 0) return []
  return [
    '',
    indent(paint('dim', columns(heading, 'counted', 'expected'))),
    ...rows.map((row) =>
      indent(`${columns(row.what, figure(row.counted), figure(row.expected))}  ${verdict(isRight(row), paint)}`),
    ),
  ]
}

/**
 * @param {string} what
 * @param {string} counted
 * @param {string} expected
 */
const columns = (what, counted, expected) => `${what.padEnd(44)}${counted.padStart(9)}${expected.padStart(11)}`

/**
 * @param {boolean} right
 * @param {Paint} paint
 */
const verdict = (right, paint) => (right ? paint('green', '✓') : paint('red', '✗'))

/** @param {string} text */
const indent = (text) => `     ${text}`
