/** In a process that worker-process.ts started: answers its calls. */
export function serveMethods(methods: Readonly<Record<string, (...args: never[]) => unknown>>): void {
  process.on('message', async ({ id, name, args }: { id: number; name: string; args: never[] }) => {
    try {
      const value = await methods[name]?.(...args)
      process.send?.({ id, value })
    } catch (error) {
      process.send?.({ id, error: String(error) })
    }
  })
  process.send?.('ready')
}
