// `npm run dev` and `npm start`: the servers of backend.mjs on port 4000, and Next beside them.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { serve } from 'tokenflight/testing'
import { createBackend } from './backend.mjs'

const backend = await serve(createBackend().handle, { port: 4000, host: 'localhost' })
console.log(`Authorization server and API: ${backend.url}`)

const next = createRequire(import.meta.url).resolve('next/dist/bin/next')
const child = spawn(process.execPath, [next, ...process.argv.slice(2)], { stdio: 'inherit' })
child.once('exit', (code) => process.exit(code ?? 0))
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal))
