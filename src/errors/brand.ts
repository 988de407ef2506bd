/** What every error of this library carries, whichever copy of the package made it. */
export const brand = Symbol.for('tokenflight.error')
