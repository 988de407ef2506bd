import { AxiosError, type AxiosResponse } from 'axios'
import type { Sending } from './lend-token'

/** What becomes of a 401 that axios would have rejected with. */
export interface PutOffRefusal {
  /** How to make its error, as axios makes it (its core/settle); `undefined` for every other answer. */
  errorOf(answer: AxiosResponse): (() => AxiosError) | undefined
  /** Gives the config its own `validateStatus` back. */
  takeBack(): void
}

/**
 * Most 401s are sent again and reach nobody: to make an error of each would cost as much as to send it, so axios resolves with them for
 * once. Not over an adapter of somebody's own, which may keep what resolves (a cache), nor a stream, of which axios lets go only
 * when it rejects with it.
 */
export function putOffRefusal({ config, adapter }: Sending): PutOffRefusal | undefined {
  const { validateStatus, responseType } = config
  if (!validateStatus || typeof adapter === 'function' || responseType === 'stream') return undefined
  let isPutOff = false
  config.validateStatus = (status) => {
    const isValid = validateStatus(status)
    isPutOff = !isValid && status === 401
    return isValid || isPutOff
  }
  return {
    errorOf(answer) {
      if (!isPutOff) return undefined
      const message = `Request failed with status code ${answer.status}`
      return () => new AxiosError(message, AxiosError.ERR_BAD_REQUEST, config, answer.request, answer)
    },
    takeBack() {
      config.validateStatus = validateStatus
    },
  }
}
