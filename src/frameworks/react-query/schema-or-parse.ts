import type { MaybePromise } from '../../core/maybe-promise'
import { InvalidDataError, type SchemaIssue } from './invalid-data-error'

/** The part of a Standard Schema (standardschema.dev, version 1) that is used here: zod, valibot, ArkType and others have it. */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1
    readonly validate: (
      value: unknown,
    ) => MaybePromise<
      { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }
    >
  }
}

/** A schema, or a function that returns the data or throws. */
export type SchemaOrParse<Data> = StandardSchema<Data> | ((data: unknown) => MaybePromise<Data>)

/** @throws InvalidDataError where a schema does not take it; what a function throws passes as it is */
export async function parseWith<Data>(schemaOrParse: SchemaOrParse<Data>, data: unknown): Promise<Data> {
  if (!('~standard' in schemaOrParse)) return schemaOrParse(data)
  const result = await schemaOrParse['~standard'].validate(data)
  if (result.issues) throw new InvalidDataError(result.issues)
  return result.value
}
