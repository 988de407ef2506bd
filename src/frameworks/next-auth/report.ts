import { reduceCause } from '../../errors/reduce-cause'

/** Q5. What fails in a callback of next-auth has no caller to tell. Whole to the app's handler; to the console without secrets (X1). */
export const createReport =
  (onError: ((error: unknown) => void) | undefined) =>
  (error: unknown): void => {
    try {
      if (onError) onError(error)
      // biome-ignore lint/suspicious/noConsole: the last place where an error without a caller can be seen
      else console.error(reduceCause(error))
    } catch {
      // a handler of errors that fails has nowhere else to go
    }
  }
