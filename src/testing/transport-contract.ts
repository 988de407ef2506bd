import type { AuthClient } from '../core/auth-client'
import type { ContractCase } from './contract-case'
import { titledCase } from './titled-case'
import { attachingCases } from './transport-contract/attaching-cases'
import { bodyCases } from './transport-contract/body-cases'
import { refresherCases } from './transport-contract/refresher-cases'
import { refusalCases } from './transport-contract/refusal-cases'
import { secrecyCases } from './transport-contract/secrecy-cases'
import type { PlainTransport, Transport, TransportFeature } from './transport-contract/transport'
import { waitingCases } from './transport-contract/waiting-cases'
import { inWorld, type TransportCase } from './transport-contract/world'

export interface TransportContractOptions {
  /** The cases that need one of these are left out; every other case has to pass. @defaultValue `[]` */
  readonly lacks?: readonly TransportFeature[]
  /** Without it the feature `plain` is lacking. */
  readonly plain?: PlainTransport
}

/**
 * What every transport does, case by case, over real sockets: for yours too. Needs Node.js 20.16 or later.
 * @param name begins each case's title, after the rule's id
 * @param make the transport under test, with the session it is given
 */
export function transportContract(
  name: string,
  make: (auth: AuthClient) => Transport,
  { lacks = [], plain }: TransportContractOptions = {},
): readonly ContractCase[] {
  const lacking = plain ? lacks : [...lacks, 'plain']
  return cases
    .filter(({ needs = [] }) => !needs.some((feature) => lacking.includes(feature)))
    .map(({ name: title, world = {}, run }) => ({
      name: titledCase(name, title),
      run: () => inWorld({ make, plain }, world, run),
    }))
}

const cases: readonly TransportCase[] = [
  ...attachingCases,
  ...bodyCases,
  ...waitingCases,
  ...refusalCases,
  ...refresherCases,
  ...secrecyCases,
]
