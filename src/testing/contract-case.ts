/**
 * One requirement of a port. A suite is a list of them, so any test runner can run it:
 * `for (const { name, run } of suite) it(name, run)`.
 */
export interface ContractCase {
  /** Begins with the id of the rule it proves, where it proves one. */
  readonly name: string
  /** Resolves when the requirement holds. Rejects with a {@link ContractBrokenError} when it does not. */
  run(): Promise<void>
}
