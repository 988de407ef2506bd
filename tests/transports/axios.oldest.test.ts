import axios from 'axios'
import { expect, it, vi } from 'vitest'
import './axios.test'
import './axios-unchanged.test'

vi.mock('axios', () => import('axios-1.7'))

it('runs with the oldest axios', () => expect(axios.VERSION).toBe('1.7.0'))
