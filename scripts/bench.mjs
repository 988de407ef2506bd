// `npm run bench`: installs what is missing, also the other libraries of bench/package.json, builds, and measures.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled, root, run } from './ensure-install.mjs'

ensureInstalled()
run('npm', ['run', '--silent', 'build'])
const modules = join(root, 'bench/node_modules')
if (!existsSync(modules)) run('npm', ['ci', '--prefix', 'bench', '--no-audit', '--no-fund'])
run(process.execPath, ['--expose-gc', 'bench/main.mjs', ...process.argv.slice(2)])
