import { ConfigurationError } from '../errors/configuration-error'

/**
 * What seals: one secret, or several while one takes the place of another. The first seals, all of them unseal.
 * Each has at least 32 characters of randomness: `openssl rand -base64 32`.
 */
export type Secret = string | readonly string[]

export interface SealingOptions {
  readonly secret: Secret
  /** What is sealed, and where it is kept: text sealed for one purpose does not unseal for another. */
  readonly purpose: string
  /** How long sealed text can be unsealed (ms). */
  readonly maxAgeMs: number
  /** Wall clock (epoch ms). @defaultValue `Date.now` */
  readonly now?: () => number
}

/** Makes text unreadable and unchangeable for whoever keeps it. */
export interface Sealing {
  /** The text as a JWE in compact form: letters, digits, `-`, `_` and `.`. */
  seal(text: string): Promise<string>
  /** The text again; `undefined` for what is changed, expired, or sealed with another secret or for another purpose. */
  unseal(sealed: string): Promise<string | undefined>
}

interface SealingKey {
  readonly kid: string
  readonly key: Uint8Array
}

const shortestSecret = 32
const keyBytes = 32
const kidBytes = 8
const algorithm = { alg: 'dir', enc: 'A256GCM' } as const

/**
 * Sealing by `jose`, an optional peer that is loaded at the first use: JWE with direct encryption by A256GCM. The key comes of the
 * secret by HKDF-SHA-256, `kid` tells the keys apart, and the expiry lies inside.
 * @throws ConfigurationError `AUTH_CONFIGURATION` for a secret that is too short; from the calls: when `jose` is not installed
 * @see RFC 7516, RFC 5869
 */
export function sealing({ secret, purpose, maxAgeMs, now = Date.now }: SealingOptions): Sealing {
  const secrets = [secret].flat()
  const [first] = secrets
  if (first === undefined || secrets.some((each) => typeof each !== 'string' || each.length < shortestSecret)) {
    throw new ConfigurationError(
      `secret: at least ${shortestSecret} random characters are needed. Make one with \`openssl rand -base64 32\` and keep it on the server.`,
    )
  }
  const derived = new Map<string, Promise<SealingKey>>()
  const derive = (each: string): Promise<SealingKey> => {
    const known = derived.get(each) ?? sealingKey(each)
    derived.set(each, known)
    return known
  }

  return {
    async seal(text) {
      const { EncryptJWT } = await loadJose()
      const { kid, key } = await derive(first)
      return new EncryptJWT({ text })
        .setProtectedHeader({ ...algorithm, kid })
        .setAudience(purpose)
        .setExpirationTime(Math.ceil((now() + maxAgeMs) / 1000))
        .encrypt(key)
    },
    async unseal(sealed) {
      const { jwtDecrypt } = await loadJose()
      const keys = new Map((await Promise.all(secrets.map(derive))).map(({ kid, key }) => [kid, key]))
      const keyOf = ({ kid }: { readonly kid?: string }): Uint8Array => {
        const key = kid === undefined ? undefined : keys.get(kid)
        if (key === undefined) throw new Error('sealed with another secret')
        return key
      }
      try {
        const { payload } = await jwtDecrypt(sealed, keyOf, {
          keyManagementAlgorithms: [algorithm.alg],
          contentEncryptionAlgorithms: [algorithm.enc],
          audience: purpose,
          requiredClaims: ['exp'],
          currentDate: new Date(now()),
        })
        return typeof payload['text'] === 'string' ? payload['text'] : undefined
      } catch {
        // The keys are there, so whatever fails here is the sealed text's fault: it is not ours (any more).
        return undefined
      }
    },
  }
}

/**
 * By the option `secret`: seals where it is there.
 * @param unsealed what takes its place where it is not. @defaultValue the text as it is
 * @throws ConfigurationError `AUTH_CONFIGURATION` for one that is there but undefined: tokens must not be left open without a word because
 * an environment variable is not set
 */
export function sealingBy(
  given: { readonly secret?: Secret | undefined },
  options: Omit<SealingOptions, 'secret'>,
  unsealed: Sealing = asItIs,
): Sealing {
  if (!('secret' in given)) return unsealed
  if (given.secret !== undefined) return sealing({ ...options, secret: given.secret })
  throw new ConfigurationError(
    'secret: is undefined. Is an environment variable not set here? Leave the option out to keep the tokens unsealed.',
  )
}

const asItIs: Sealing = { seal: async (text) => text, unseal: async (text) => text }

async function sealingKey(secret: string): Promise<SealingKey> {
  const { subtle } = globalThis.crypto
  const material = await subtle.importKey('raw', new TextEncoder().encode(secret), 'HKDF', false, ['deriveBits'])
  const parameters = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: new TextEncoder().encode('tokenflight sealing'),
  }
  const bytes = new Uint8Array(await subtle.deriveBits(parameters, material, (keyBytes + kidBytes) * 8))
  const kid = Array.from(bytes.subarray(keyBytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return { kid, key: bytes.subarray(0, keyBytes) }
}

async function loadJose(): Promise<typeof import('jose')> {
  try {
    return await import('jose')
  } catch (cause) {
    throw new ConfigurationError('secret: sealing is done by the package jose. Install it: npm install jose', { cause })
  }
}
