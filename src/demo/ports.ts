import { createServer } from 'node:net'

/** Throws a sentence when something listens on the port already. */
export async function assertFree(port: number, flag: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `can't be used (${error.message})`
      reject(new Error(`port ${port} ${why}: choose another one with ${flag}`))
    })
    server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve)
  })
  await new Promise((resolve) => server.close(resolve))
}
