/** A requirement of a contract suite does not hold. Test runners draw a difference from `actual` and `expected`. */
export class ContractBrokenError extends Error {
  override readonly name = 'ContractBrokenError'
  readonly actual?: unknown
  readonly expected?: unknown

  constructor(message: string, values?: { readonly actual: unknown; readonly expected: unknown }) {
    super(message)
    if (values !== undefined) Object.assign(this, values)
  }
}
