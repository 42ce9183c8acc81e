import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { setImmediate } from 'node:timers/promises'

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** All of it came: as many bytes as it says, the last chunk, or the end of a connection that says nothing else. */
  readonly whole: boolean
}

/** One connection, on which a test writes what it likes, and reads answer by answer. */
export interface RawCaller {
  write(bytes: string): void
  /** The next answer, once it is whole or the connection has ended; undefined where not a byte of it came. */
  answer(): Promise<WireAnswer | undefined>
  /** All that came so far, as text. */
  received(): string
  /** From now on nothing is read; the result reads on. */
  stall(): () => void
  /** Once the other side, or a fault, has ended it. */
  readonly ended: Promise<void>
  readonly socket: Socket
  leave(): void
}

/** Rejects with the system's error: `ECONNREFUSED` where nobody listens. `ca` for https. */
export async function callRaw(url: string, ca?: string): Promise<RawCaller> {
  const { protocol, hostname: host, port } = new URL(url)
  const to = { host, port: Number(port) }
  const socket = protocol === 'https:' ? connectTls({ ...to, ca }) : connect(to)
  const ended = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  await once(socket, protocol === 'https:' ? 'secureConnect' : 'connect')
  // What a fault of the connection cut off is seen in the answers.
  socket.on('error', () => undefined)
  const pieces: Buffer[] = []
  let taken = 0
  let over = false
  let wake: () => void = () => undefined
  const all = (): Buffer => {
    const joined = Buffer.concat(pieces)
    pieces.splice(0, pieces.length, joined)
    return joined
  }
  socket.on('data', (piece: Buffer) => {
    pieces.push(piece)
    wake()
  })
  void ended.then(() => {
    over = true
    wake()
  })
  return {
    write: (bytes) => void socket.write(bytes, 'latin1'),
    async answer() {
      for (;;) {
        const found = parseAnswer(all().subarray(taken), over)
        if (found?.answer.whole) taken += found.length
        if (found?.answer.whole || over) return found?.answer
        await new Promise<void>((resolve) => (wake = resolve))
        // What comes at once is looked at once.
        await setImmediate()
      }
    },
    received: () => all().toString('utf8'),
    stall() {
      socket.pause()
      return () => void socket.resume()
    },
    ended,
    socket,
    leave: () => void socket.destroy(),
  }
}

/** The answer at the beginning of `bytes`, and how long it is; undefined where there is none yet. */
function parseAnswer(
  bytes: Buffer,
  over: boolean,
): { readonly answer: WireAnswer; readonly length: number } | undefined {
  if (bytes.length === 0) return undefined
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return { answer: { status: 0, headers: new Map(), body: '', whole: false }, length: 0 }
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  // An interim answer is none.
  if (status === 100) {
    const next = parseAnswer(bytes.subarray(end + 4), over)
    return next && { ...next, length: next.length + end + 4 }
  }
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const rest = bytes.subarray(end + 4)
  const { body, length, whole } =
    headers.get('transfer-encoding') === 'chunked'
      ? chunked(rest)
      : sized(rest, headers.get('content-length'), over)
  return { answer: { status, headers, body: body.toString('utf8'), whole }, length: end + 4 + length }
}

interface Body {
  readonly body: Buffer
  readonly length: number
  readonly whole: boolean
}

function sized(rest: Buffer, said: string | undefined, over: boolean): Body {
  if (said === undefined) return { body: rest, length: rest.length, whole: over }
  const length = Number(said)
  return { body: rest.subarray(0, length), length, whole: rest.length >= length }
}

function chunked(rest: Buffer): Body {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const line = rest.indexOf('\r\n', at)
    const size = line === -1 ? NaN : parseInt(rest.toString('latin1', at, line), 16)
    const end = line + 2 + size + 2
    if (Number.isNaN(size) || rest.length < end)
      return { body: Buffer.concat(chunks), length: 0, whole: false }
    if (size === 0) return { body: Buffer.concat(chunks), length: end, whole: true }
    chunks.push(rest.subarray(line + 2, end - 2))
    at = end
  }
}
