/** The two versions of next-auth, with what the project has for each. */
export const versions = [
  { version: 4, example: 'next-app', tutorial: ['tests/e2e-next/tutorial', 'tests/e2e-next/tutorial-v4'] },
  { version: 5, example: 'next-app-v5', tutorial: ['tests/e2e-next/tutorial', 'tests/e2e-next/tutorial-v5'] },
] as const
