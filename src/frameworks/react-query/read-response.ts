import { ResponseError } from './response-error'
import { parseWith, type SchemaOrParse } from './schema-or-parse'

/**
 * The JSON of a response, checked: for mutations, and wherever else a bare `fetch` is used. An empty body is `null`.
 *
 * @throws ResponseError where the status is not 2xx, or the body is not JSON · InvalidDataError where it does not fit the schema
 */
export async function readResponse(response: Response): Promise<unknown>
export async function readResponse<Data>(response: Response, schemaOrParse: SchemaOrParse<Data>): Promise<Data>
export async function readResponse(response: Response, schemaOrParse?: SchemaOrParse<unknown>): Promise<unknown> {
  if (!response.ok) throw refused(response)
  const data = parseJson(await response.text(), response)
  return schemaOrParse ? parseWith(schemaOrParse, data) : data
}

function refused(response: Response): ResponseError {
  // A body that nobody reads holds its connection for as long as the error is in the cache.
  if (!response.bodyUsed) {
    response
      .clone()
      .arrayBuffer()
      .catch(() => {})
  }
  return new ResponseError(response)
}

function parseJson(text: string, response: Response): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    // Not the SyntaxError: its message quotes the body.
    throw new ResponseError(response, 'The server answered with what is not JSON')
  }
}
