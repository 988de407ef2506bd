// `npm run demo`, also on a fresh clone: installs what is missing, builds the package, starts the demo.
import { help, parseOptions } from '../demo/options.mjs'
import { ensureInstalled, run } from './ensure-install.mjs'

const options = readOptions()
if (options?.help) console.log(help)
else if (options) await start(options)

/** @param {import('../demo/options.mjs').DemoOptions} options */
async function start(options) {
  ensureInstalled()
  console.log('Building the package …')
  run('npm', ['run', '--silent', 'build'])
  // what it imports is there from now on
  const { main } = await import('../demo/main.mjs')
  process.exitCode = await main(options)
}

function readOptions() {
  try {
    return parseOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`)
    process.exitCode = 2
    return undefined
  }
}
