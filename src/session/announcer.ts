import mitt from 'mitt'
import type { AuthClient } from '../core/auth-client'
import type { AuthEventName, AuthEvents, EventPayloads } from '../core/auth-events'
import type { Clock } from '../core/clock'
import { isPromise } from '../core/maybe-promise'

/** Puts a task off, for example until a lock was given back: no listener runs while one is held. */
export type Defer = (task: () => void) => void

export const immediately: Defer = (task) => task()

/** Any event's handler: declared as a method, whose parameters TypeScript compares both ways. */
type Handler = { handle(...args: unknown[]): unknown }['handle']

export interface Announcer {
  readonly on: AuthClient['on']
  emit<Name extends AuthEventName>(name: Name, epoch: number, payload: EventPayloads[Name]): void
}

/** The event bus as this file uses it: for any event. */
interface Bus {
  on(name: string, handler: Handler): void
  off(name: string, handler: Handler): void
  emit(name: string, event: object): void
}

/** Q5: events, whose handlers stop nobody whatever they throw. */
export function createAnnouncer(clock: Clock, report: (error: unknown) => void): Announcer {
  const bus: Bus = mitt<AuthEvents>()
  function on<Name extends AuthEventName>(name: Name, handler: (event: AuthEvents[Name]) => void): () => void
  function on(name: '*', handler: (name: AuthEventName, event: AuthEvents[AuthEventName]) => void): () => void
  function on(name: string, handler: (name: never, event: never) => void): () => void {
    const guarded = guard(handler, report)
    bus.on(name, guarded)
    return () => bus.off(name, guarded)
  }
  return {
    on,
    // frozen: one handler cannot change what the next one is told; the spread last, or each event would cost a hidden class
    emit: (name, epoch, payload) => bus.emit(name, Object.freeze({ at: clock.now(), epoch, ...payload })),
  }
}

/** What a callback of the user's throws, at once or later, goes to `report`. */
export function guard<Args extends unknown[]>(
  callback: (...args: Args) => unknown,
  report: (error: unknown) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      const result = callback(...args)
      if (isPromise(result)) result.then(undefined, report)
    } catch (error) {
      report(error)
    }
  }
}
