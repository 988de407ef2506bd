import { createAuthClient } from 'tokenflight'
import { nextAuthSession } from 'tokenflight/next-auth'
import { apiOptions } from './api'

/** The session of this page: for queries, hooks, and whatever else sends requests. */
export const auth = createAuthClient({ ...apiOptions, ...nextAuthSession(), keepFresh: true })
