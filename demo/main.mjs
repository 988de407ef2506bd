import { startPage } from './page-server.mjs'
import { playInTerminal } from './terminal.mjs'

const here = {
  print: (/** @type {string} */ line) => console.log(line),
  color: process.stdout.isTTY && !process.env['NO_COLOR'],
}

/**
 * Plays the scenes in the terminal, then serves the page until it is interrupted.
 * @param {import('./options.mjs').DemoOptions} options
 * @param {import('./terminal.mjs').TerminalOptions} [terminal]
 * @returns {Promise<number>} the exit code
 */
export async function main({ once, port }, terminal = here) {
  const passed = await playInTerminal(terminal)
  if (!once) await showPage(port, terminal.print)
  return passed ? 0 : 1
}

/**
 * @param {number} port
 * @param {(line: string) => void} print
 */
async function showPage(port, print) {
  const interrupted = new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  const page = await startPage({ port })
  print(`\nThe same scenes in a browser: ${page.url}\nCtrl+C ends it.`)
  await interrupted
  await page.close()
}
