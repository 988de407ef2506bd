import type { Clock } from '../../core/clock'
import { type Fault, faultyAnswer } from './fault'
import type { FaultQueue } from './fault-plan'
import type { Gates } from './gate'

export interface EndpointOptions {
  readonly clock: Clock
  readonly gates: Gates
  readonly faults: FaultQueue
}

/**
 * Does what a request asks, with what goes wrong on the way: gates first, then the fault that is next, its delay, its answer.
 * @throws ConnectionResetError, or the reason of the request's signal
 */
export type Endpoint = (request: Request, act: () => Promise<Response>, refusal: () => Response) => Promise<Response>

export function createEndpoint({ clock, gates, faults }: EndpointOptions): Endpoint {
  async function suffer(
    fault: Fault | undefined,
    request: Request,
    refusal: () => Response,
  ): Promise<Response | undefined> {
    if (fault === undefined) return undefined
    if (fault.delayMs !== undefined) await pause(clock, fault.delayMs, request.signal)
    return faultyAnswer(fault, request.signal, refusal)
  }

  return async (request, act, refusal) => {
    await gates.pass(request, 'beforeActing')
    const fault = faults.take()
    if (fault?.afterActing !== true) {
      const answer = await suffer(fault, request, refusal)
      if (answer !== undefined) return answer
    }
    const answer = await act()
    await gates.pass(request, 'afterActing')
    if (fault?.afterActing !== true) return answer
    return (await suffer(fault, request, refusal)) ?? answer
  }
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      cancel()
      reject(signal.reason)
    }
    const cancel = clock.after(
      ms,
      () => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      },
      { keepAlive: true },
    )
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
  })
}
