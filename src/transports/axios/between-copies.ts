import axios, { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'

/** Is it from another copy of axios than ours? Then it brings that one's class of headers. */
export const isForeign = ({ headers }: InternalAxiosRequestConfig): boolean => !(headers instanceof AxiosHeaders)

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
