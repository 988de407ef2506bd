'use client'

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { SessionProvider } from 'next-auth/react'
import { type ReactNode, useEffect, useState } from 'react'
import { AuthProvider } from 'tokenflight/react'
import { authRetry, connectQueryClient } from 'tokenflight/react-query'
import { auth } from '@/lib/auth-client'

export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: authRetry(3) } } }))
  useEffect(() => connectQueryClient(auth, queryClient), [queryClient])

  return (
    <SessionProvider>
      <AuthProvider auth={auth}>
        <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
      </AuthProvider>
    </SessionProvider>
  )
}
