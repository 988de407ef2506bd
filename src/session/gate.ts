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

/** Those who wait with the same signal: one listener for all, since Node.js warns of a leak from the eleventh on. */
interface SharedSignal {
  readonly signal: AbortSignal
  readonly waiters: Set<Waiter>
  /** Called with this as `this` when the signal fires. */
  handleEvent(this: SharedSignal): void
}

/** Q2, Q3, F2. Linear in time and memory: one timer for all. */
export function createGate(clock: Clock, timeUp: () => TokenflightError): Gate {
  const waiters = new Set<Waiter>()
  const signals = new Map<AbortSignal, SharedSignal>()
  let opened: { readonly error: TokenflightError | undefined; readonly waited: number } | undefined
  let timer: { readonly at: number; cancel(): void } | undefined

  function setTimer(at: number): void {
    if (timer && timer.at <= at) return
    timer?.cancel()
    // somebody waits: a script must not end before it has its answer
    timer = { at, cancel: clock.after(Math.max(0, at - clock.monotonic()), expire, { keepAlive: true }) }
  }
  function expire(): void {
    timer = undefined
    const now = clock.monotonic()
    let next = Number.POSITIVE_INFINITY
    for (const waiter of waiters) {
      if (waiter.deadline <= now) fail(waiter, timeUp())
      else next = Math.min(next, waiter.deadline)
    }
    if (waiters.size > 0) setTimer(next)
  }
  function listen(waiter: Waiter, signal: AbortSignal): void {
    let shared = signals.get(signal)
    if (!shared) {
      shared = { signal, waiters: new Set(), handleEvent }
      signals.set(signal, shared)
      signal.addEventListener('abort', shared)
    }
    shared.waiters.add(waiter)
  }
  function stopListening(waiter: Waiter, signal: AbortSignal): void {
    const shared = signals.get(signal)
    shared?.waiters.delete(waiter)
    if (shared?.waiters.size !== 0) return
    signals.delete(signal)
    signal.removeEventListener('abort', shared)
  }
  function leave(waiter: Waiter): void {
    waiters.delete(waiter)
    if (waiter.signal) stopListening(waiter, waiter.signal)
    if (waiters.size > 0) return
    timer?.cancel()
    timer = undefined
  }
  function fail(waiter: Waiter, reason: unknown): void {
    leave(waiter)
    waiter.reject(reason)
  }
  function handleEvent(this: SharedSignal): void {
    for (const waiter of this.waiters) fail(waiter, this.signal.reason)
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
      for (const waiter of waiters) {
        leave(waiter)
        if (error) waiter.reject(error)
        else waiter.resolve()
      }
    },
    size: () => opened?.waited ?? waiters.size,
  }
}
