/** What the task resolves with, or `undefined` as soon as the signal fires: the task goes on, for nobody. */
export async function unlessAborted<T>(task: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (!signal) return task
  let leave = (): void => {}
  const left = new Promise<undefined>((resolve) => {
    leave = () => resolve(undefined)
  })
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()
  try {
    return await Promise.race([task, left])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
