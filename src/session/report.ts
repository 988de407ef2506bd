import { isPromise } from '../core/maybe-promise'

/** Where errors go that have no caller. */
export interface Reporter {
  /** Q5: what code of the user's threw. */
  report(error: unknown): void
  /** X1: reduces a foreign error to what may be shown; whole it goes to the user's own handler only, since it may hold secrets. */
  foreign(error: unknown): unknown
}

export function createReporter(
  onError: ((error: unknown) => void) | undefined,
  reduce: (error: unknown) => unknown,
): Reporter {
  /** A handler of errors that fails, at once or later, has nowhere else to go. */
  function tell(error: unknown): void {
    try {
      const result: unknown = onError?.(error)
      if (isPromise(result)) result.then(undefined, () => {})
    } catch {
      // as said
    }
  }
  return {
    report(error) {
      if (onError) return tell(error)
      try {
        if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
        // biome-ignore lint/suspicious/noConsole: the last place where an error without a caller can be seen
        else console.error(error)
      } catch {
        // as above
      }
    },
    foreign(error) {
      tell(error)
      return reduce(error)
    },
  }
}
