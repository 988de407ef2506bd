import { findTokenflightError } from './find-tokenflight-error'
import type { TokenflightError } from './tokenflight-error'

/**
 * Is this an error of this library, or one that wraps it (`cause`, `networkError`, `originalError`)? Works across the ESM and the CJS copy
 * of the package, and never throws. Of a wrapper only `code` can be relied on where its client sets it (axios):
 * {@link findTokenflightError} gives the error itself.
 */
export const isTokenflightError = (value: unknown): value is TokenflightError =>
  findTokenflightError(value) !== undefined
