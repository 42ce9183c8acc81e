import { request } from 'node:http'

/** A gateway's answer, as it came. */
export interface DoorAnswer {
  readonly status: number
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

export interface ExactRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
}

/** Sends one request exactly as written: `fetch` would tidy the path and add headers. */
export function sendExactly(
  base: URL,
  target: string,
  { method, headers, body }: ExactRequest,
): Promise<DoorAnswer> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port } = base
    const options = { host, port, method, path: target, headers: { ...headers }, agent: false }
    const sent = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
