import { findTokenflightError } from './find-tokenflight-error'
import type { TokenflightError } from './tokenflight-error'

/**
 * Is this an error of this library, or one that wraps it (`cause`, `networkError`, `originalError`)? Works across the ESM and the CJS copy
 * of the package, and never throws. A wrapper has our fields only where its client copies them (axios: all but `status`, which is its
 * response's).
 */
export const isTokenflightError = (value: unknown): value is TokenflightError =>
  findTokenflightError(value) !== undefined
