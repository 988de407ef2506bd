// Starts three servers that share their sessions through one Redis: a browser may be sent to any of them.
import { fork } from 'node:child_process'
import { env } from 'node:process'

const ports = (env['PORTS'] ?? '4811,4812,4813').split(',')
for (const port of ports) fork(new URL('one-server.mjs', import.meta.url), [port])
