/** What the task resolves with, or `undefined` as soon as the signal fires: the task goes on, for nobody. */
export function unlessAborted<T>(task: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const leave = (): void => resolve(undefined)
    if (signal?.aborted) leave()
    signal?.addEventListener('abort', leave)
    task.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave))
  })
}
