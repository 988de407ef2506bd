// Loaded into a server before its own code: the test process sends how far the clock is ahead, and is told when it is.
import { shiftDate } from './shift-date.mjs'

const setOffset = shiftDate()

process.on('message', (offsetMs) => {
  setOffset(Number(offsetMs))
  process.send?.('shifted')
})
// the channel alone does not keep a process
process.channel?.unref()
