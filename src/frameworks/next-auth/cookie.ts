/** A cookie that came with the request. */
export interface RequestCookie {
  readonly name: string
  readonly value: string
}

/** As Next, `cookie` and others take them. */
export interface SessionCookieAttributes {
  readonly path: string
  readonly domain?: string
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly expires: Date
}

/** A cookie to answer with. An empty value that has expired deletes it. */
export interface CookieToSet extends RequestCookie {
  readonly attributes: SessionCookieAttributes
}
