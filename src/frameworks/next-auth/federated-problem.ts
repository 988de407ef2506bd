import { type FederatedChoice, type FederatedOptions, isForAll } from './federated-options'

/** What is wrong with it, or `undefined`. */
export function federatedProblem(options: FederatedChoice | undefined): string | undefined {
  if (options === undefined) return undefined
  const all = isForAll(options) ? [options] : Object.values(options)
  if (all.length === 0) return shape
  return all.map(problemOf).find((problem) => problem !== undefined)
}

const shape = 'takes { clientId, issuer }, or an object with one for each provider under its id'
const urlNames = ['issuer', 'endSessionEndpoint', 'revocationEndpoint'] as const

function problemOf(options: FederatedOptions): string | undefined {
  if (typeof options?.clientId !== 'string') return shape
  const given = urlNames.filter((name) => options[name] !== undefined)
  if (given.length === 0) return 'needs an issuer, or the endpoints'
  const wrong = given.find((name) => !URL.canParse(options[name] ?? ''))
  return wrong && `${wrong} is no URL: write it with its scheme`
}
