import type { AuthClientOptions } from 'tokenflight'

export const apiUrl = process.env.NEXT_PUBLIC_API_URL ?? 'http://localhost:4000/api'

/** What the clients of the browser and of the server have in common. */
export const apiOptions = {
  baseUrl: apiUrl,
  // GET /reports is behind a filter that answers an expired token with status 500
  isTokenRefused: async ({ status, text }) =>
    status === 401 || (status === 500 && (await text())?.includes('token expired') === true),
} satisfies AuthClientOptions
