import axios from 'axios'
import { expect, it, vi } from 'vitest'
import { axiosContract, kyContract } from '../support/transports-under-test'

vi.mock('axios', () => import('axios-1.7'))
vi.mock('ky', () => import('ky-2'))

const suites = [...axiosContract('http'), ...axiosContract('fetch'), ...kyContract()]

it('runs with the oldest axios', () => expect(axios.VERSION).toBe('1.7.0'))

it.each(suites)('$name', ({ run }) => run())
