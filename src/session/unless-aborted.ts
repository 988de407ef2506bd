/** As the task settles; or rejects with the signal's reason as soon as it fires (Q2), and the task goes on for nobody. */
export function unlessAborted<T>(task: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal?.reason)
    if (signal?.aborted) leave()
    signal?.addEventListener('abort', leave)
    task.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave))
  })
}
