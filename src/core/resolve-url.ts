/** Makes a URL absolute; `undefined` when it is relative and there is nothing to be relative to. */
export type ResolveUrl = (url: string) => string | undefined
