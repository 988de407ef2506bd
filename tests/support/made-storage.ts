import type { HeldLock, TokenSet, TokenStorage } from '../../src'
import { localLock } from '../../src/sharing/local-lock'

type Call = 'read' | 'write' | 'replace' | 'lock'

export interface MadeStorageOptions {
  /** What is stored at the start. */
  readonly stored?: unknown
  /** Answer at once instead of with a promise. @defaultValue `false` */
  readonly sync?: boolean
  /** @defaultValue `[]` */
  readonly lacks?: readonly ('replace' | 'lock' | 'subscribe')[]
  readonly lock?: TokenStorage['lock']
}

/** A storage that does what a test tells it to. */
export interface MadeStorage extends TokenStorage {
  /** What it holds. Setting it is a write by somebody else; `notify()` tells of it. */
  stored: unknown
  /** Every call in order, as it begins. */
  readonly calls: Call[]
  /** Every token set that was handed to `write` or `replace`, in order. */
  readonly written: (TokenSet | undefined)[]
  /** The next calls of this kind throw or reject with this; `times` of them. @defaultValue once */
  fail(call: Call, times?: number): void
  /** Calls of this kind wait from now on. */
  hold(call: Call): { readonly waiting: number; arrived(): Promise<void>; release(): void }
  /** Tells subscribers of a change. */
  notify(): void
  readonly subscribers: number
}

/** What a failing call throws; holds what must never be shown. */
export class MadeFailure extends Error {
  readonly code = 'EMADE'
}

export function madeStorage({
  stored: initial,
  sync = false,
  lacks = [],
  lock = localLock(),
}: MadeStorageOptions = {}): MadeStorage {
  const calls: Call[] = []
  const written: (TokenSet | undefined)[] = []
  const failures = new Map<Call, number>()
  const gates = new Map<Call, { wait(): Promise<void> }>()
  const listeners = new Set<() => void>()
  const has = (name: 'replace' | 'lock' | 'subscribe'): boolean => !lacks.includes(name)
  let stored: unknown = initial

  function run<T>(call: Call, act: () => T): T | Promise<T> {
    calls.push(call)
    const left = failures.get(call) ?? 0
    failures.set(call, left - 1)
    const answer = (): T => {
      if (left > 0) throw new MadeFailure(`secret of the storage: ${call}`)
      return act()
    }
    const gate = gates.get(call)
    if (gate) return gate.wait().then(answer)
    return sync ? answer() : Promise.resolve().then(answer)
  }
  function store(tokens: TokenSet | undefined): void {
    stored = tokens
    for (const listener of [...listeners]) listener()
  }
  const heldNow = (value: unknown, expected: TokenSet): boolean => {
    const tokens = value as TokenSet | undefined
    return tokens?.accessToken === expected.accessToken && tokens?.refreshToken === expected.refreshToken
  }

  return {
    get stored() {
      return stored
    },
    set stored(value) {
      stored = value
    },
    calls,
    written,
    read: () => run('read', () => stored),
    write: (tokens) => {
      written.push(tokens)
      return run('write', () => store(tokens))
    },
    ...(has('replace') && {
      replace: (expected: TokenSet, next: TokenSet | undefined) => {
        written.push(next)
        return run('replace', () => {
          if (!heldNow(stored, expected)) return false
          store(next)
          return true
        })
      },
    }),
    ...(has('lock') && {
      lock: async (signal: AbortSignal, name?: 'fallback'): Promise<HeldLock> => run('lock', () => lock(signal, name)),
    }),
    ...(has('subscribe') && {
      subscribe: (listener: () => void) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }),
    fail: (call, times = 1) => void failures.set(call, times),
    hold(call) {
      const held = new Set<() => void>()
      const watchers: (() => void)[] = []
      gates.set(call, {
        wait: () =>
          new Promise((resolve) => {
            held.add(resolve)
            for (const watcher of watchers) watcher()
          }),
      })
      return {
        get waiting() {
          return held.size
        },
        arrived: () => new Promise((resolve) => (held.size > 0 ? resolve() : void watchers.push(resolve))),
        release() {
          gates.delete(call)
          for (const go of held) go()
          held.clear()
        },
      }
    },
    notify() {
      for (const listener of [...listeners]) listener()
    },
    get subscribers() {
      return listeners.size
    },
  }
}
