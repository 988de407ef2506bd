import type { MaybePromise } from '../../core/maybe-promise'
import type { TokenStorage } from '../../core/token-storage'

/** A fresh, empty place for one case. */
export interface StoragePlace {
  readonly storage: TokenStorage
  /** A second holder of the same place, as another tab, process or machine has it. @defaultValue `storage` */
  readonly other?: TokenStorage
  /** Puts this text where the storage keeps the token set. */
  corrupt?(text: string): MaybePromise<void>
  /** From now on every access to the place fails; what it returns mends that. */
  fail?(): MaybePromise<() => MaybePromise<void>>
  /** Called when the case is over. */
  dispose?(): MaybePromise<void>
}

/**
 * What a storage may lack. `replace`, `lock`, `subscribe`: these members · `corrupt`, `fail`: the place cannot be corrupted or
 * made to fail · `sharedTokens`: the other holder does not get the tokens, only whether there is a session.
 */
export type StorageFeature = 'replace' | 'lock' | 'subscribe' | 'corrupt' | 'fail' | 'sharedTokens'

/** One case, before it is given a place. */
export interface StorageCase {
  readonly name: string
  readonly needs: readonly StorageFeature[]
  run(place: Required<Pick<StoragePlace, 'storage' | 'other'>> & StoragePlace): Promise<void>
}
