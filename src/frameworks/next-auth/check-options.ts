import { ownFields } from '../../core/own-fields'
import { ConfigurationError } from '../../errors/configuration-error'

interface Check {
  readonly holds: (value: unknown) => boolean
  readonly must: string
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

const checks: Readonly<Record<string, Check>> = {
  basePath: {
    holds: (value) => typeof value === 'string' && /^\/(?!\/)/.test(value),
    must: "a path such as '/api/auth': next-auth is on the page's own origin",
  },
  version: { holds: (value) => value === 4 || value === 5, must: '4 or 5; leave it out to have it found' },
  fields: {
    holds: (value) => [...(ownFields(value)?.values() ?? [0])].every((path) => path === undefined || isText(path)),
    must: "an object of names or paths, such as { accessToken: 'user.accessToken' }",
  },
  rejectedErrors: {
    holds: (value) => Array.isArray(value) && value.every(isText),
    must: 'a list of values of session.error',
  },
  signOut: {
    holds: (value) => typeof value === 'function',
    must: 'a function, such as () => signOut({ redirect: false })',
  },
}

/** @throws ConfigurationError `AUTH_CONFIGURATION` names the option that cannot work, and what it has to be */
export function checkOptions(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const check = checks[name]
    if (!check) {
      throw new ConfigurationError(
        `nextAuthSession has no option ${name}; there are ${Object.keys(checks).join(', ')}.`,
      )
    }
    if (value !== undefined && !check.holds(value)) {
      throw new ConfigurationError(`nextAuthSession: the option ${name} has to be ${check.must}.`)
    }
  }
}
