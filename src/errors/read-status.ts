import { readProperty } from './read-property'

/** The HTTP status that a `Response`, or an error of axios, ky, got, ofetch or Apollo carries. */
export function readStatus(value: unknown): number | undefined {
  return [value, readProperty(value, 'response')]
    .flatMap((holder) => [readProperty(holder, 'status'), readProperty(holder, 'statusCode')])
    .find(isStatus)
}

const isStatus = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599
