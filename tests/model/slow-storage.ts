import { sameTokens, type TokenSet } from '../../src/core/token-set'
import type { TokenStorage } from '../../src/core/token-storage'
import { localLock } from '../../src/sharing/local-lock'
import type { PendingSteps } from './pending-steps'

/** No call takes longer than this before it has its effect, nor its answer longer than this (ms). */
const latencyMs = 40

/** Asynchronous everywhere: each call has its effect at one turn and its answer at another; change notices and locks come late too. */
export function slowStorage(steps: PendingSteps, initial: TokenSet | undefined): TokenStorage {
  let stored: TokenSet | undefined = initial
  const listeners = new Set<() => void>()
  const lock = localLock()
  const turn = (): Promise<void> => steps.turn({ withinMs: latencyMs })

  function store(next: TokenSet | undefined): void {
    stored = next
    for (const listener of listeners) void turn().then(listener)
  }
  async function slowly<T>(act: () => T): Promise<T> {
    await turn()
    const result = act()
    await turn()
    return result
  }
  return {
    read: () => slowly(() => stored),
    write: (tokens) => slowly(() => store(tokens)),
    replace: (expected, next) =>
      slowly(() => {
        if (!sameTokens(stored, expected)) return false
        store(next)
        return true
      }),
    async lock(signal, name) {
      await turn()
      const held = await lock(signal, name)
      await turn()
      return {
        ...held,
        async release(until) {
          await turn()
          await held.release(until)
        },
      }
    },
    subscribe(onChange) {
      const listener = (): void => onChange()
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
