import type { Clock } from '../core/clock'
import { longestTimerMs } from '../core/longest-timer-ms'

/** The machine's own time. Reads the globals at every call, so that fake timers installed later are seen. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, task, { keepAlive = false } = {}) {
    const timer = setTimeout(task, Math.min(ms, longestTimerMs))
    if (!keepAlive) unref(timer)
    return () => clearTimeout(timer)
  },
}

/** Node's timers are objects that hold the process; a browser's are numbers. */
function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function')
    timer.unref()
}
