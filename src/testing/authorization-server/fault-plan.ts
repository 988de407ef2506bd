import type { Fault } from './fault'

/** What is to go wrong at one endpoint. */
export interface FaultPlan {
  /** One fault for each of the next requests, in this order, before the standing one. */
  next(...faults: readonly Fault[]): void
  /** This for every request, until another is set; `undefined`: none. */
  always(fault: Fault | undefined): void
  /** Nothing goes wrong any more. Requests that hang already go on hanging. */
  clear(): void
}

/** The plan, and the one who asks it. */
export interface FaultQueue extends FaultPlan {
  /** What goes wrong with the request that is next. */
  take(): Fault | undefined
}

export function createFaultQueue(): FaultQueue {
  let queue: Fault[] = []
  let standing: Fault | undefined
  return {
    next(...faults) {
      queue.push(...faults)
    },
    always(fault) {
      standing = fault
    },
    clear() {
      queue = []
      standing = undefined
    },
    take: () => queue.shift() ?? standing,
  }
}
