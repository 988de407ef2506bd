// `npm run example next-app`: installs what is missing, builds the package, installs it into the example, and starts that.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { argv } from 'node:process'
import { ensureInstalled, root, run } from './ensure-install.mjs'

const [name = '', mode = 'dev'] = argv.slice(2)
const folder = join('examples', name)

if (name !== '' && existsSync(join(root, folder, 'package.json')) && ['dev', 'start'].includes(mode)) start()
else {
  const names = readdirSync(join(root, 'examples')).filter((each) =>
    existsSync(join(root, 'examples', each, 'package.json')),
  )
  console.error(`npm run example <${names.join(' | ')}> [dev | start]`)
  process.exitCode = 2
}

function start() {
  ensureInstalled()
  run('npm', ['run', '--silent', 'build'])
  run('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'])
  if (mode === 'start') run('npm', ['run', '--prefix', folder, 'build'])
  run('npm', ['run', '--prefix', folder, mode])
}
