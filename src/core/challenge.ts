/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** Lower case; `''` where it cannot be read. */
  readonly scheme: string
  /** As it stood there, with its padding. */
  readonly token68?: string
  /** Names in lower case, values without quotes and escapes. The first of two equal names counts. */
  readonly params: ReadonlyMap<string, string>
}

// A comma, or a word with what belongs to it: `=` padding before a comma or the end (token68), or a value. A quote that does not end
// its value properly is taken for a stray one, so that the next `error=` is still seen. No two tries read the same stretch: linear time.
const piece = /,|([^\s,;="]+)(?:=*(?=\s*(?:,|$))|\s*=\s*(?:"((?:[^"\\]|\\.)*)"(?=[\s,;]|$)|"?([^\s,;"]*)))?/gs
const httpToken = /^[!#$%&'*+\-.^_`|~\w]+$/
const maxLength = 65_536
/** These begin a challenge also where the comma before them is missing. */
const sureScheme = /^(?:bearer|dpop)$/i

/**
 * R8. The challenges of a `WWW-Authenticate` header, in their order. Never throws: what cannot be read is skipped, and a parameter
 * without a scheme gets a challenge of its own. Looks at the first 64 KB, in linear time.
 * @see RFC 9110 §11.6.1
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; token68?: string; params: Map<string, string> }[] = []
  const open = (scheme: string) => {
    const challenge = { scheme: httpToken.test(scheme) ? scheme.toLowerCase() : '', params: new Map<string, string>() }
    challenges.push(challenge)
    return challenge
  }
  let mayOpen = true
  for (const [text, name, quoted, bare] of header.slice(0, maxLength).matchAll(piece)) {
    const value = quoted?.replace(/\\(.)/gs, '$1') ?? bare
    const current = challenges.at(-1)
    if (name !== undefined && value !== undefined) {
      const { params } = current ?? open('')
      const key = name.toLowerCase()
      if (!params.has(key)) params.set(key, value)
    } else if (name !== undefined && (mayOpen || sureScheme.test(text))) {
      open(text)
    } else if (name !== undefined && current?.params.size === 0) {
      current.token68 ??= text
    }
    mayOpen = name === undefined
  }
  return challenges
}
