import { playInTerminal } from './terminal.mjs'

const here = {
  print: (/** @type {string} */ line) => console.log(line),
  color: process.stdout.isTTY && !process.env['NO_COLOR'],
}

/**
 * @param {import('./options.mjs').DemoOptions} options
 * @param {import('./terminal.mjs').TerminalOptions} [terminal]
 * @returns {Promise<number>} the exit code
 */
export async function main({ once: _ }, terminal = here) {
  const passed = await playInTerminal(terminal)
  return passed ? 0 : 1
}
