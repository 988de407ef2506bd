import axios, { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import { readProperty } from '../../errors/read-property'

/** Is it from another copy of axios than ours? Then it brings that one's class of headers, and no plain object of somebody's own. */
export const isForeign = ({ headers }: { readonly headers: unknown }): boolean =>
  !(headers instanceof AxiosHeaders) && typeof readProperty(headers, 'clear') === 'function'

/**
 * Has our copy of axios send what an instance of another one asks for. Up to 1.8 neither knows the other's headers, and would make a
 * single one of them all: so each gets its own kind.
 */
export async function betweenCopies(
  config: InternalAxiosRequestConfig,
  send: (config: InternalAxiosRequestConfig) => Promise<AxiosResponse>,
): Promise<AxiosResponse> {
  const { headers } = config
  const giveBack = (response: AxiosResponse | undefined): void => {
    refill(headers, config.headers)
    config.headers = headers
    if (response?.headers instanceof AxiosHeaders) response.headers = refill(headers.concat(), response.headers)
  }
  config.headers = new AxiosHeaders({ ...headers })
  try {
    const response = await send(config)
    giveBack(response)
    return response
  } catch (error) {
    giveBack(axios.isAxiosError(error) ? error.response : undefined)
    throw error
  }
}

/** As plain properties, which every copy takes, also where they say `false`. */
function refill(headers: AxiosHeaders, content: AxiosHeaders): AxiosHeaders {
  headers.clear()
  return headers.set({ ...content })
}
