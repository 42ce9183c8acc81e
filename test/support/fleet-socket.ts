import { connect } from 'node:net'

/** Sends these bytes over a socket of their own and gives all that comes back until the other side closes. */
export function exchange(url: string, request: string): Promise<Buffer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const received: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.write(request, 'latin1'))
    socket.on('data', (chunk) => received.push(Buffer.from(chunk)))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(received)))
  })
}

export interface RawAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** One request with exactly these header lines and bytes, on a connection that closes after it. */
export async function rawGet(
  url: string,
  path: string,
  headers: readonly string[],
  method = 'GET',
  body = '',
): Promise<RawAnswer> {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: gateway', ...headers, 'Connection: close', '']
  lines.push(Buffer.from(body).toString('latin1'))
  const answer = await exchange(url, lines.join('\r\n'))
  const end = answer.indexOf('\r\n\r\n')
  const [statusLine = '', ...headerLines] = answer.toString('latin1', 0, end).split('\r\n')
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: new Map(
      headerLines.map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    ),
    body: answer.subarray(end + 4),
  }
}
