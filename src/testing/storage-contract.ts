import type { MaybePromise } from '../core/maybe-promise'
import type { ContractCase } from './contract-case'
import { hostileCases } from './storage-contract/hostile-cases'
import { keepingCases } from './storage-contract/keeping-cases'
import { lockingCases } from './storage-contract/locking-cases'
import { noticingCases } from './storage-contract/noticing-cases'
import { replacingCases } from './storage-contract/replacing-cases'
import type { StorageFeature, StoragePlace } from './storage-contract/storage-place'
import { titledCase } from './titled-case'

export interface TokenStorageContractOptions {
  /** The cases that need one of these are left out; every other case has to pass. @defaultValue `[]` */
  readonly lacks?: readonly StorageFeature[]
}

/**
 * What every token storage does, case by case: for yours too.
 * @param name begins each case's title, after the rule's id
 * @param make a fresh, empty place for each case; a second holder of it shows what is shared
 */
export function tokenStorageContract(
  name: string,
  make: () => MaybePromise<StoragePlace>,
  { lacks = [] }: TokenStorageContractOptions = {},
): readonly ContractCase[] {
  return [...keepingCases, ...replacingCases, ...lockingCases, ...noticingCases, ...hostileCases]
    .filter(({ needs }) => !needs.some((feature) => lacks.includes(feature)))
    .map((one) => ({
      name: titledCase(name, one.name),
      async run() {
        const place = await make()
        try {
          await one.run({ ...place, other: place.other ?? place.storage })
        } finally {
          await place.dispose?.()
        }
      },
    }))
}
