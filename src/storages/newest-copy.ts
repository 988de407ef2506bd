import type { StorageItem } from '../sharing/storage-item'
import { decode } from './envelope'

/** So many sessions may be open in tabs of their own before the mark of the oldest is forgotten. */
const maxMarks = 20

/** Which copy of a session is the newest, where tabs keep copies of their own. */
export interface NewestCopy {
  /** May this copy be used? Also where nothing is known of its session. */
  isNewest(text: string | null): boolean
  /** `next` takes the place of `copy`; `null`: the session has ended. */
  mark(copy: string | null, next: string | null): void
}

/** @param marks of each session its id and a hash of its newest copy: no token */
export function newestCopy(marks: StorageItem): NewestCopy {
  const list = (): string[] => marks.read()?.split(' ') ?? []
  return {
    isNewest(text) {
      const id = sessionId(text)
      const found = list().find((mark) => mark.startsWith(id))
      return found === undefined || found === id + hash(text)
    },
    mark(copy, next) {
      const id = sessionId(next ?? copy)
      const others = list().filter((mark) => !mark.startsWith(id))
      marks.put([id + hash(next), ...others].slice(0, maxMarks).join(' '))
    },
  }
}

function sessionId(text: string | null): string {
  const found = decode(text)
  return typeof found === 'object' && found !== null && 'sessionId' in found ? `${found.sessionId}=` : '='
}

function hash(text: string | null): number {
  let sum = 0
  for (const character of text ?? '') sum = (Math.imul(sum, 31) + character.charCodeAt(0)) | 0
  return sum
}
