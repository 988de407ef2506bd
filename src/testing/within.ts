import { ContractBrokenError } from './contract-broken-error'

const patienceMs = 4_000

/** What the promise gives, or a {@link ContractBrokenError} with this requirement when it does not settle within 4 s. */
export async function within<T>(promise: Promise<T> | T, requirement: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ContractBrokenError(`${requirement} (waited ${patienceMs} ms)`)), patienceMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
