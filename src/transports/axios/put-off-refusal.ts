import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import type { Sending } from './lend-token'
import { isBrought } from './resolve-adapter'

/**
 * What becomes of a 401 that axios would have rejected with. Most are sent again and reach nobody: to make an error of each would cost as
 * much as to send it, so axios resolves with them for once.
 */
export class PutOffRefusal {
  readonly #config: InternalAxiosRequestConfig
  readonly #own: (status: number) => boolean
  #isPutOff = false

  /**
   * Not over an adapter of somebody's own, which may keep what resolves (a cache), nor a stream, of which axios lets go only when it
   * rejects with it.
   */
  static of({ config, adapter, send }: Sending): PutOffRefusal | undefined {
    const { validateStatus, responseType } = config
    if (!validateStatus || responseType === 'stream') return undefined
    if (isBrought(adapter, send)) return undefined
    return new PutOffRefusal(config, validateStatus)
  }

  private constructor(config: InternalAxiosRequestConfig, own: (status: number) => boolean) {
    this.#config = config
    this.#own = own
    config.validateStatus = (status) => {
      const isValid = own(status)
      this.#isPutOff = !isValid && status === 401
      return isValid || this.#isPutOff
    }
  }

  /** How to make its error, as axios makes it (its core/settle); `undefined` for every other answer. */
  errorOf(answer: AxiosResponse): (() => AxiosError) | undefined {
    if (!this.#isPutOff) return undefined
    const message = `Request failed with status code ${answer.status}`
    return () => new AxiosError(message, AxiosError.ERR_BAD_REQUEST, this.#config, answer.request, answer)
  }

  /** Gives the config, or a copy of it, its own `validateStatus` back. */
  takeBack(config: InternalAxiosRequestConfig): void {
    config.validateStatus = this.#own
  }
}
