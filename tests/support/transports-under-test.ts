import { Readable } from 'node:stream'
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse, isAxiosError } from 'axios'
import ky, { HTTPError, type KyInstance } from 'ky'
import { axiosWithAuth } from 'tokenflight/axios'
import { kyWithAuth } from 'tokenflight/ky'
import {
  type ContractCase,
  type PlainTransport,
  type Transport,
  type TransportRequest,
  type TransportResponse,
  transportContract,
} from 'tokenflight/testing'

const fetchInit = ({ url: _, ...init }: TransportRequest): RequestInit =>
  init.body instanceof ReadableStream ? Object.assign({ duplex: 'half' }, init) : init

const answered = async (response: Response, handedOut: unknown = response): Promise<TransportResponse> => ({
  status: response.status,
  headers: response.headers,
  body: await response.text(),
  handedOut,
})

const plainFetch: PlainTransport = async (request) => {
  const response = await fetch(request.url, fetchInit(request))
  if (!response.ok) throw Object.assign(new Error(`status ${response.status}`), { response })
  return response.json()
}

const overKy = (http: KyInstance): Transport => ({
  async send(request) {
    try {
      return await answered(await http(request.url, { ...fetchInit(request), retry: 0 }))
    } catch (error) {
      if (error instanceof HTTPError) return answered(unread(error), error)
      throw error
    }
  },
})

/** ky 2 has read the body of an error. */
function unread({ response, ...error }: HTTPError): Response {
  if (!response.bodyUsed) return response
  const data = 'data' in error ? error.data : undefined
  return new Response(typeof data === 'object' ? JSON.stringify(data) : String(data ?? ''), response)
}

const axiosConfig = ({ body, headers, ...request }: TransportRequest): AxiosRequestConfig => ({
  ...request,
  ...(headers ? { headers } : {}),
  data: body instanceof ReadableStream ? Readable.from(body) : body,
  responseType: 'text',
  transformResponse: (data) => data,
})

const axiosAnswered = ({ status, headers, data }: AxiosResponse, handedOut: unknown): TransportResponse => ({
  status,
  headers: new Headers(Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])),
  body: String(data),
  handedOut,
})

const overAxios = (http: AxiosInstance): Transport => ({
  async send(request) {
    try {
      const response = await http.request(axiosConfig(request))
      return axiosAnswered(response, response)
    } catch (error) {
      if (isAxiosError(error) && error.response) return axiosAnswered(error.response, error)
      throw error
    }
  },
})

const plainAxios: PlainTransport = async (request) => {
  const { responseType: _, transformResponse: __, ...config } = axiosConfig(request)
  return (await axios.request(config)).data
}

export const fetchContract = (): readonly ContractCase[] =>
  transportContract(
    'fetch',
    (auth) => ({ send: async (request) => answered(await auth.fetch(request.url, fetchInit(request))) }),
    { plain: plainFetch },
  )

/** Before axios 1.12 nobody can tell where its fetch adapter was redirected to. */
const tellsFinalUrl = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 1 || minor >= 12
}

export const axiosContract = (adapter: 'http' | 'fetch'): readonly ContractCase[] =>
  transportContract(`axios ${adapter}`, (auth) => overAxios(axiosWithAuth(auth, axios.create({ adapter }))), {
    plain: plainAxios,
    lacks: adapter === 'http' || tellsFinalUrl(axios.VERSION) ? [] : ['finalUrl'],
  })

/** ky makes a `Request` of everything, and a `Request` is sent again from a clone (B2). */
export const kyContract = (): readonly ContractCase[] =>
  transportContract('ky', (auth) => overKy(kyWithAuth(auth)), { plain: plainKy, lacks: ['stream'] })

const plainKy: PlainTransport = (request) => ky(request.url, { ...fetchInit(request), retry: 0 }).json()
