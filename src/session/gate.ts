import type { Clock } from '../core/clock'
import type { TokenflightError } from '../errors/tokenflight-error'

/** What requests wait at: all go through together, in the order they came, when it opens. */
export interface Gate {
  /**
   * Resolves when the gate opens; rejects with the reason if it opened for a bad one.
   * Rejects at once with the signal's reason when that fires, or with the time-out error at `deadline` (monotonic ms); nobody else notices.
   */
  wait(signal: AbortSignal | undefined, deadline: number): Promise<void>
  /** The first call counts. Whoever comes later goes straight through. */
  open(error?: TokenflightError): void
  /** How many wait; once it is open, how many it let through. */
  size(): number
}

/** One request at the gate: an object without closures, since there may be many thousands. */
interface Waiter {
  readonly deadline: number
  readonly signal: AbortSignal | undefined
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** Q2, Q3, F2. Linear in time and memory: one timer for all, and one listener for all who wait with the same signal. */
export function createGate(clock: Clock, timeUp: () => TokenflightError): Gate {
  const waiters = new Set<Waiter>()
  /** Who waits with which signal; some may have left. */
  const bySignal = new Map<AbortSignal, Waiter[]>()
  let opened: { readonly error: TokenflightError | undefined; readonly waited: number } | undefined
  let timer: { readonly at: number; cancel(): void } | undefined

  function setTimer(at: number): void {
    if (timer && timer.at <= at) return
    stopTimer()
    // somebody waits: a script must not end before it has its answer
    timer = { at, cancel: clock.after(Math.max(0, at - clock.monotonic()), nearlyExpired, { keepAlive: true }) }
  }
  function stopTimer(): void {
    timer?.cancel()
    timer = undefined
  }
  /** What they wait for may run out of time at this very instant: it comes first, and who is told finds its signal aborted. */
  function nearlyExpired(): void {
    if (timer) timer = { at: timer.at, cancel: clock.after(0, expire, { keepAlive: true }) }
  }
  function expire(): void {
    timer = undefined
    const now = clock.monotonic()
    let next = Number.POSITIVE_INFINITY
    for (const waiter of waiters) {
      if (waiter.deadline <= now) fail(waiter, timeUp())
      else next = Math.min(next, waiter.deadline)
    }
    for (const [signal, its] of bySignal) if (!its.some((waiter) => waiters.has(waiter))) stopListening(signal)
    if (waiters.size > 0) setTimer(next)
  }
  function listen(waiter: Waiter, signal: AbortSignal): void {
    const others = bySignal.get(signal)
    if (others) others.push(waiter)
    else {
      // first: what is no signal throws here, and concerns nobody else
      signal.addEventListener('abort', onAbort)
      bySignal.set(signal, [waiter])
    }
  }
  function stopListening(signal: AbortSignal): void {
    bySignal.delete(signal)
    signal.removeEventListener('abort', onAbort)
  }
  // not by the event's currentTarget: in Node.js it can be null
  function onAbort(this: AbortSignal): void {
    const its = bySignal.get(this) ?? []
    stopListening(this)
    for (const waiter of its) fail(waiter, waiter.signal?.reason)
    if (waiters.size === 0) stopTimer()
  }
  function fail(waiter: Waiter, reason: unknown): void {
    waiters.delete(waiter)
    waiter.reject(reason)
  }

  return {
    wait(signal, deadline) {
      if (signal?.aborted) return Promise.reject(signal.reason)
      if (opened) return opened.error ? Promise.reject(opened.error) : Promise.resolve()
      return new Promise((resolve, reject) => {
        const waiter: Waiter = { deadline, signal, resolve, reject }
        if (signal) listen(waiter, signal)
        waiters.add(waiter)
        setTimer(deadline)
      })
    },
    open(error) {
      if (opened) return
      opened = { error, waited: waiters.size }
      stopTimer()
      for (const signal of bySignal.keys()) stopListening(signal)
      for (const waiter of waiters) {
        if (error) waiter.reject(error)
        else waiter.resolve()
      }
      waiters.clear()
    },
    size: () => opened?.waited ?? waiters.size,
  }
}
