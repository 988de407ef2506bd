// `npm test`, also on a fresh clone: installs what is missing, then runs every test. Arguments go to vitest: `npm test -- -t R3`.
import { ensureInstalled, run } from './ensure-install.mjs'
import { ensureServices } from './ensure-services.mjs'

ensureInstalled()
ensureServices()
run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)])
