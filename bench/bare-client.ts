import { connect } from 'node:net'

/**
 * The floor for any fan-out: a bare socket per region, one GET, everything until the server closes or the announced
 * length is there. Resolves with the ms until the last region answered.
 */
export async function askAllBare(endpoints: readonly URL[], path: string): Promise<number> {
  const before = performance.now()
  await Promise.all(endpoints.map((endpoint) => askBare(endpoint, path)))
  return performance.now() - before
}

function askBare(endpoint: URL, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(endpoint.port), endpoint.hostname, () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${endpoint.host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n`,
      )
    })
    socket.on('data', () => undefined)
    socket.once('error', reject)
    socket.once('close', () => resolve())
  })
}
