import { describe, it } from 'vitest'
import { axiosContract, fetchContract, kyContract } from '../support/transports-under-test'

describe('the transport contract', () => {
  const suites = [...fetchContract(), ...axiosContract('http'), ...axiosContract('fetch'), ...kyContract()]
  it.each(suites)('$name', ({ run }) => run())
})
