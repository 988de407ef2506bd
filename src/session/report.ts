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
  return {
    report(error) {
      try {
        if (onError) onError(error)
        else if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
        // biome-ignore lint/suspicious/noConsole: the last place where an error without a caller can be seen
        else console.error(error)
      } catch {
        // a handler of errors that fails has nowhere else to go
      }
    },
    foreign(error) {
      try {
        onError?.(error)
      } catch {
        // as above
      }
      return reduce(error)
    },
  }
}
