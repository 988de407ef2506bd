// `npm run demo`, also on a fresh clone: installs what is missing, builds the package, starts the demo.
import { ensureInstalled, run } from './ensure-install.mjs'

ensureInstalled()
run('npm', ['run', '--silent', 'build'])
run(process.execPath, ['demo/main.mjs', ...process.argv.slice(2)])
