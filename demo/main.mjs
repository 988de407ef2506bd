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
  const shown = once || (await showPage(port, terminal.print))
  return passed && shown ? 0 : 1
}

/**
 * @param {number} port
 * @param {(line: string) => void} print
 * @returns {Promise<boolean>} could it be shown?
 */
async function showPage(port, print) {
  const interrupted = new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  try {
    const page = await startPage({ port })
    print(`\nThe same scenes in a browser: ${page.url}\nCtrl+C ends it.`)
    await interrupted
    await page.close()
    return true
  } catch (error) {
    print(`\nThe page cannot be served: ${error instanceof Error ? error.message : error}`)
    return false
  }
}
