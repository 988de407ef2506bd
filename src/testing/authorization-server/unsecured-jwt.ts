import { base64 } from './base64'

/** A JWT without a signature (`alg: none`, RFC 7519 §6): readable by every decoder, and by rights refused by every verifier. */
export function unsecuredJwt(claims: Readonly<Record<string, unknown>>): string {
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`
}

const encode = (value: unknown): string =>
  base64(new TextEncoder().encode(JSON.stringify(value)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
