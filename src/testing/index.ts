export { assertEqual } from './assert-equal'
export { assertThat } from './assert-that'
export { ContractBrokenError } from './contract-broken-error'
export type { ContractCase } from './contract-case'
