import axios from 'axios'
import { expect, it, vi } from 'vitest'
import './axios-copies.test'

vi.mock('axios', () => vi.importActual('axios-1.7'))
vi.mock('axios-1.7', () => vi.importActual('axios'))

it('runs with the oldest axios in the library', () => expect(axios.VERSION).toBe('1.7.0'))
