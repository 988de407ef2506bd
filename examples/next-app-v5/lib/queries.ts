import { authQueryOptions } from 'tokenflight/react-query'
import { z } from 'zod'
import { auth } from './auth-client'
import { Resource } from './resource'

const Note = z.object({ id: z.number(), title: z.string(), by: z.string() })

export const resourceNames = ['profile', 'orders', 'invoices', 'messages', 'reports'] as const

export const resourceQuery = (name: (typeof resourceNames)[number]) => authQueryOptions(auth, [`/${name}`], Resource)
export const notesQuery = authQueryOptions(auth, ['/notes'], z.array(Note))
