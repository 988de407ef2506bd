import { brand } from './brand'
import { readProperty } from './read-property'
import { readStatus } from './read-status'

/**
 * X1. What may stay of a foreign error as a `cause`: its name, code (also its cause's: `ECONNREFUSED` under fetch's TypeError) and
 * status. Messages, configurations, requests and responses may hold tokens. Our own errors stay as they are. Never throws.
 */
export function reduceCause(error: unknown): unknown {
  if (error === undefined || error === null || readProperty(error, brand) === true) return error
  const name = label(readProperty(error, 'name')) ?? typeof error
  const code = label(readProperty(error, 'code')) ?? label(readProperty(readProperty(error, 'cause'), 'code'))
  const status = readStatus(error)
  return Object.freeze({ name, ...(code !== undefined && { code }), ...(status !== undefined && { status }) })
}

// Names and codes are short words; what is longer is something else.
const label = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w.$ -]{1,64}$/.test(value) ? value : undefined
