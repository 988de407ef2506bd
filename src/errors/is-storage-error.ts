import type { StorageError } from './storage-error'
import { isBranded } from './tokenflight-error'

/** A `StorageError` itself, also of the other copy of this package: a storage may be required where the client is imported. */
export const isStorageError = (value: unknown): value is StorageError =>
  isBranded(value) && value.code === 'AUTH_STORAGE'
