import { ContractBrokenError } from './contract-broken-error'

/**
 * Throws unless `holds` is truthy. Needs no test runner.
 * @param requirement what has to hold, as a sentence: it is the message of the error
 * @throws ContractBrokenError
 */
export function assertThat(holds: unknown, requirement: string): asserts holds {
  if (!holds) throw new ContractBrokenError(requirement)
}
