/** Is a body of this content type worth reading as text? Not an event stream: it does not end. */
export const isText = (contentType: string): boolean =>
  !/event-stream/i.test(contentType) &&
  /^\s*text\/|[/+](json|xml|javascript|x-www-form-urlencoded|graphql)/i.test(contentType)
