import { createHash } from 'node:crypto'
import { Agent, request, type IncomingMessage } from 'node:http'

/** Kept open, as callers do; given up before a server does. */
const agent = new Agent({ keepAlive: true, timeout: 4_000 })

export interface Fetched {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  /** ms until the head was there, and until all was. */
  readonly firstByte: number
  readonly whole: number
}

/** One GET; the body as it was sent, never decompressed. */
export function fetchBytes(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Fetched> {
  const before = performance.now()
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, agent }, (answer) => {
      const firstByte = performance.now() - before
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks),
          firstByte,
          whole: performance.now() - before,
        }),
      )
    })
    sent.once('error', reject)
    sent.end()
  })
}

export async function fetchText(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const { status, body } = await fetchBytes(url)
  return { status, text: body.toString() }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** How many regions of an answer were fresh, by its own word. */
export function freshIn({ status, headers, body }: Fetched): number {
  if (status !== 200) throw new Error(`HTTP ${status}: ${body.toString('utf8', 0, 300)}`)
  return Number(/fresh=(\d+)/.exec(String(headers['fleet-regions']))?.[1])
}
