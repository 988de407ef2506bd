/** The app's calls of `signIn` and `signOut`: one that takes long to read its answer must not undo what was called after it (F9). */
export interface CallsInOrder {
  /** The number of a call that has just been made. */
  begin(): number
  /** May this call take effect? Not after a later one has. */
  takeEffect(call: number): boolean
}

export function createCallsInOrder(): CallsInOrder {
  let begun = 0
  let effective = 0
  return {
    begin() {
      begun += 1
      return begun
    },
    takeEffect(call) {
      if (call < effective) return false
      effective = call
      return true
    },
  }
}
