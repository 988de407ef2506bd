import type { Clock } from '../core/clock'
import type { TokenflightError } from '../errors/tokenflight-error'

/** What requests wait at: all go through together, in the order they came, when it opens. */
export interface Gate {
  /**
   * Resolves when the gate opens, with the reason if it opened for a bad one.
   * Rejects at once with the signal's reason when that fires, or with the time-out error at `deadline` (monotonic ms); nobody else notices.
   */
  wait(signal: AbortSignal | undefined, deadline: number): Promise<TokenflightError | undefined>
  /** The first call counts. Whoever comes later goes straight through. */
  open(error?: TokenflightError): void
  /** How many wait; once it is open, how many it let through. */
  size(): number
}

/** One request at the gate: an object without closures, since there may be many thousands. */
interface Waiter {
  readonly deadline: number
  readonly signal: AbortSignal | undefined
  readonly resolve: (error: TokenflightError | undefined) => void
  readonly reject: (reason: unknown) => void
  /** Called with the waiter as `this` when its signal fires. */
  handleEvent(this: Waiter): void
}

/** Q2, Q3, F2. Linear in time and memory: one timer for all. */
export function createGate(clock: Clock, timeUp: () => TokenflightError): Gate {
  const waiters = new Set<Waiter>()
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
  function leave(waiter: Waiter): void {
    waiters.delete(waiter)
    waiter.signal?.removeEventListener('abort', waiter)
    if (waiters.size > 0) return
    timer?.cancel()
    timer = undefined
  }
  function fail(waiter: Waiter, reason: unknown): void {
    leave(waiter)
    waiter.reject(reason)
  }
  function handleEvent(this: Waiter): void {
    fail(this, this.signal?.reason)
  }

  return {
    wait(signal, deadline) {
      if (signal?.aborted) return Promise.reject(signal.reason)
      if (opened) return Promise.resolve(opened.error)
      return new Promise((resolve, reject) => {
        const waiter: Waiter = { deadline, signal, resolve, reject, handleEvent }
        signal?.addEventListener('abort', waiter)
        waiters.add(waiter)
        setTimer(deadline)
      })
    },
    open(error) {
      if (opened) return
      opened = { error, waited: waiters.size }
      for (const waiter of waiters) {
        leave(waiter)
        waiter.resolve(error)
      }
    },
    size: () => opened?.waited ?? waiters.size,
  }
}
