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
    const bytes = data.getBuffer()
    const length = data.getLengthSync()
    // an empty form sends nothing, yet makes a last boundary of it here
    if (length === 0) return { bytes: bytes.subarray(0, 0), contentType }
    // with headers of one's own for a part they are not what is sent
    return length === bytes.byteLength ? { bytes, contentType } : undefined
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
