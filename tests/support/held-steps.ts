import type { TokenStorage } from '../../src'

/** Where a process can be held: it is about to read the storage · it has the lock · has looked again · has the answer · is about to write. */
export type Step = 'reading' | 'locked' | 'looked' | 'answered' | 'writing'

/** Holds a refresh at one of its steps. */
export function heldSteps() {
  const held = new Map<Step, { readonly arrived: () => void; readonly gone: Promise<void> }>()
  const open = new Map<Step, () => void>()

  /** Resolves when the step is reached. */
  function hold(step: Step): Promise<void> {
    const gone = new Promise<void>((resolve) => open.set(step, resolve))
    return new Promise((arrived) => held.set(step, { arrived, gone }))
  }
  function go(step: Step): void {
    held.delete(step)
    open.get(step)?.()
  }
  async function pass(step: Step): Promise<void> {
    const here = held.get(step)
    here?.arrived()
    await here?.gone
  }
  return {
    hold,
    go,
    pass,
    /** The storage, held at its steps. */
    over(storage: TokenStorage): TokenStorage {
      const { lock, replace } = storage
      let underLock = false
      return {
        ...storage,
        async lock(signal, name) {
          const taken = await lock?.(signal, name)
          if (!taken) throw new Error('no lock')
          underLock = true
          await pass('locked')
          return {
            ...taken,
            release(unavailableUntil) {
              underLock = false
              return taken.release(unavailableUntil)
            },
          }
        },
        async read() {
          await pass('reading')
          const found = await storage.read()
          if (underLock) await pass('looked')
          return found
        },
        async replace(expected, next) {
          await pass('writing')
          return (await replace?.(expected, next)) ?? false
        },
      }
    },
  }
}
