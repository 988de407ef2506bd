/** H4: 128 random bits. Not `randomUUID`, which browsers offer on secure origins only. */
export function newSessionId(): string {
  let id = ''
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) id += byte.toString(16).padStart(2, '0')
  return id
}
