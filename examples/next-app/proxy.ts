import type { NextRequest } from 'next/server'
import { sessions } from '@/lib/sessions'

/** Refreshes before a server component renders, since that cannot. */
export const proxy = (request: NextRequest) => sessions.proxy(request)

// a prefetch shows nothing yet; only here, before Next takes this header away, can it be told
export const config = {
  matcher: [{ source: '/((?!_next/|favicon.ico).*)', missing: [{ type: 'header', key: 'next-router-prefetch' }] }],
}
