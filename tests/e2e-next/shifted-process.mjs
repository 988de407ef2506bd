// Loaded into a server before its own code: the test process sends how far the clock is ahead, and is told when it is.
import { Server, ServerResponse } from 'node:http'
import { shiftDate } from './shift-date.mjs'

const setOffset = shiftDate()

// Node writes the header Date by a clock of its own
const { emit } = Server.prototype
Server.prototype.emit = function (/** @type {string | symbol} */ name, /** @type {unknown[]} */ ...given) {
  if (given[1] instanceof ServerResponse) given[1].setHeader('date', new Date().toUTCString())
  return Reflect.apply(emit, this, [name, ...given])
}

process.on('message', (offsetMs) => {
  setOffset(Number(offsetMs))
  process.send?.('shifted')
})
// the channel alone does not keep a process
process.channel?.unref()
