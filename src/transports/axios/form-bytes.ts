import { readProperty } from '../../errors/read-property'

/** A form in memory. */
export interface FormBytes {
  readonly bytes: Uint8Array
  /** With its boundary. */
  readonly contentType: string
}

/**
 * The bytes of a form of the package form-data, which axios makes of an object for `multipart/form-data` in Node.js. To be taken before
 * it is sent: that uses it up, although most hold nothing but what is in memory. `undefined` for one with a stream in it, and for
 * everything else.
 */
export function formBytes(data: unknown): FormBytes | undefined {
  if (!isPackagedForm(data)) return undefined
  try {
    const contentType = readProperty(data.getHeaders(), 'content-type')
    if (typeof contentType !== 'string') return undefined
    // as much as it announces: an empty form sends nothing, yet makes a last boundary of it here
    return { bytes: data.getBuffer().subarray(0, data.getLengthSync()), contentType }
  } catch {
    return undefined
  }
}

interface PackagedForm {
  getBuffer(): Uint8Array
  getLengthSync(): number
  getHeaders(): unknown
}

const isPackagedForm = (data: unknown): data is PackagedForm =>
  typeof data === 'object' &&
  data !== null &&
  'getBuffer' in data &&
  typeof data.getBuffer === 'function' &&
  'getHeaders' in data &&
  typeof data.getHeaders === 'function'
