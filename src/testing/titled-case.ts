/** A case's title with the name of what is tested, after the id of its rule: `R4: axios: the second 401 …`. */
export function titledCase(tested: string, title: string): string {
  const [, rule = '', requirement = title] = /^([A-Z]\d+: )(.*)$/.exec(title) ?? []
  return `${rule}${tested}: ${requirement}`
}
