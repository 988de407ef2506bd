import * as ky from 'ky'
import { expect, it, vi } from 'vitest'
import './ky.test'

vi.mock('ky', () => import('ky-2'))

it('runs with ky 2', () => expect(ky).toHaveProperty('NetworkError'))
