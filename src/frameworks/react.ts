'use client'

export { AuthProvider, type AuthProviderProps } from './react/auth-provider'
export { type Auth, useAuth } from './react/use-auth'
export { type RequireAuthOptions, useRequireAuth } from './react/use-require-auth'
