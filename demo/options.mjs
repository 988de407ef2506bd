import { parseArgs } from 'node:util'

export const help = `Usage: npm run demo -- [options]

Plays six scenes against real servers on loopback and prints what the servers counted,
then serves a page where the same scenes run in the browser.

  --once         end after the scenes; exit code 1 if one went wrong
  --port <port>  where the page is served (default: any free port)
  --help         show this`

/** @typedef {{ once: boolean, port: number, help: boolean }} DemoOptions */

/**
 * Reads the command line.
 * @param {readonly string[]} args
 * @returns {DemoOptions}
 * @throws {Error} says which argument is wrong
 */
export function parseOptions(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  })
  if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) {
    throw new Error(`--port takes a number from 0 to 65535, not '${values.port}'.`)
  }
  return { ...values, port: Number(values.port) }
}
