/** What a schema has to say against a value. */
export interface SchemaIssue {
  /** May quote the value. */
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * The server's answer does not fit the schema of its query. What the schema says of it may quote the answer: so it is in `issues`,
 * which is not enumerable, and not in the message.
 */
export class InvalidDataError extends Error {
  override readonly name = 'InvalidDataError'
  declare readonly issues: readonly SchemaIssue[]

  constructor(issues: readonly SchemaIssue[]) {
    super(`The answer does not fit its schema in ${issues.length} places: see the field issues.`)
    Object.defineProperty(this, 'issues', { value: issues })
  }
}
