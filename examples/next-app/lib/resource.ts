import { z } from 'zod'

/** What the API has behind each of its names. */
export const Resource = z.object({ title: z.string(), detail: z.string() })
