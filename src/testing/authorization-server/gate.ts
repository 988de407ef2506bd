/** Which requests a gate holds. */
export interface HoldOptions {
  /** Hold the answer instead: what was asked is done first. @defaultValue `false` */
  readonly afterActing?: boolean
  /** Only these. @defaultValue all */
  readonly where?: (request: Request) => boolean
}

/** Requests wait here: a test decides when they go on, without sleeping. */
export interface Gate {
  /** How many wait now. One whose client gave up waits no longer. */
  readonly waiting: number
  /** Resolves once `count` requests have come to this gate, those that have left it included. @defaultValue `1` */
  arrived(count?: number): Promise<void>
  /** Lets the first `count` go on. Without a count: all, and those that come later too. */
  release(count?: number): void
}

/** The gates of one endpoint. */
export interface Gates {
  hold(options?: HoldOptions): Gate
  /**
   * Resolves when no gate holds the request any more.
   * @throws the reason of the request's signal when its client gives up first
   */
  pass(request: Request, when: 'beforeActing' | 'afterActing'): Promise<void>
}

interface ClosableGate extends Gate {
  holds(request: Request, afterActing: boolean): boolean
  wait(signal: AbortSignal): Promise<void>
}

export function createGates(): Gates {
  const gates: ClosableGate[] = []
  return {
    hold(options = {}) {
      const gate = createGate(options)
      gates.push(gate)
      return gate
    },
    async pass(request, when) {
      for (const gate of gates) {
        if (gate.holds(request, when === 'afterActing')) await gate.wait(request.signal)
      }
    },
  }
}

function createGate({ afterActing: holdsAnswers = false, where = () => true }: HoldOptions): ClosableGate {
  const held = new Set<() => void>()
  const watchers = new Set<{ readonly count: number; readonly resolve: () => void }>()
  let open = false
  let arrivals = 0

  const noteArrival = (): void => {
    arrivals += 1
    for (const watcher of watchers) {
      if (watcher.count > arrivals) continue
      watchers.delete(watcher)
      watcher.resolve()
    }
  }

  return {
    get waiting() {
      return held.size
    },
    async arrived(count = 1) {
      if (arrivals < count) await new Promise<void>((resolve) => watchers.add({ count, resolve }))
    },
    release(count) {
      if (count === undefined) open = true
      for (const go of [...held].slice(0, count)) go()
    },
    holds: (request, afterActing) => afterActing === holdsAnswers && where(request),
    wait(signal) {
      noteArrival()
      if (open) return Promise.resolve()
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          held.delete(go)
          signal.removeEventListener('abort', giveUp)
        }
        const go = (): void => {
          leave()
          resolve()
        }
        const giveUp = (): void => {
          leave()
          reject(signal.reason)
        }
        held.add(go)
        signal.addEventListener('abort', giveUp)
        if (signal.aborted) giveUp()
      })
    },
  }
}
