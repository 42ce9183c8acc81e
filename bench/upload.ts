import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { ratioOf, type Ratio } from './ratio.ts'

const MiB = 2 ** 20

/** What one upload cost the process that it went through, and what came out at its other end. */
export interface Passage {
  /** SHA-256 of what was sent, and of what the region received. */
  readonly sent: string
  readonly received: string
  readonly bytes: number
  /** Resident bytes when the upload began, and the most that there were until its end. */
  readonly before: number
  readonly peak: number
  readonly ms: number
}

/** Sends files of these sizes one after the other through the gateway's upload, each to a process that hashes it. */
export async function passUploads(sizes: readonly number[]): Promise<readonly Passage[]> {
  const dir = mkdtempSync(join(tmpdir(), 'stx-bench-upload-'))
  const children: ChildProcess[] = []
  try {
    const origin = await start(children, 'upload-origin.ts')
    const relay = await start(children, 'upload-relay.ts', origin, dir)
    const passages: Passage[] = []
    for (const size of sizes) passages.push(await pass(relay, size))
    return passages
  } finally {
    for (const child of children) child.kill('SIGKILL')
    rmSync(dir, { recursive: true })
  }
}

/** A large upload: the memory that it takes, against a goal that does not grow with its size. */
export async function benchUpload({ size }: { readonly size: number }): Promise<Ratio[]> {
  const goal = 300 * MiB
  const [passage] = await passUploads([size])
  if (passage === undefined || passage.sent !== passage.received) throw new Error('the bytes differ')
  const { before, peak, ms } = passage
  const megabytes = (bytes: number): string => (bytes / MiB).toFixed(0)
  return [
    ratioOf(
      `most memory during an upload of ${megabytes(size)} MiB, against 300 MiB`,
      { atMost: 1 },
      [peak / goal],
      `${megabytes(before)} MiB before, ${megabytes(peak)} MiB at most; ${(ms / 1000).toFixed(1)} s in and out, SHA-256 equal`,
    ),
  ]
}

async function start(children: ChildProcess[], script: string, ...args: string[]): Promise<string> {
  // A child ends with its input, however this process ends.
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  for await (const line of createInterface(child.stdout)) return (JSON.parse(line) as { ready: string }).ready
  throw new Error(`${script} ended before it was ready`)
}

async function pass(url: string, size: number): Promise<Passage> {
  const boundary = 'bench-boundary'
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="/tmp/a.patch"; filename="/tmp/a.patch"\r\n\r\n`
  const end = `\r\n--${boundary}--\r\n`
  const hash = createHash('sha256')
  const before = performance.now()
  const answered = Promise.withResolvers<{ status: number; body: string }>()
  const sending = request(
    url,
    {
      method: 'POST',
      headers: {
        'content-type': `multipart/form-data; boundary=${boundary}`,
        'content-length': head.length + size + end.length,
      },
    },
    (answer) => {
      text(answer).then((body) => answered.resolve({ status: answer.statusCode ?? 0, body }), answered.reject)
    },
  )
  sending.once('error', answered.reject)
  sending.write(head)
  const piece = randomBytes(MiB)
  for (let left = size; left > 0; left -= piece.length) {
    // No two pieces are the same, so that none can be lost or swapped unseen.
    piece.writeDoubleLE(left, 0)
    const bytes = Buffer.from(piece.subarray(0, left))
    hash.update(bytes)
    if (!sending.write(bytes)) await new Promise((resolve) => sending.once('drain', resolve))
  }
  sending.end(end)
  const { status, body } = await answered.promise
  if (status !== 200) throw new Error(`${status}: ${body}`)
  const {
    sha256,
    bytes,
    before: resident,
    peak,
  } = JSON.parse(body) as {
    readonly sha256: string
    readonly bytes: number
    readonly before: number
    readonly peak: number
  }
  const ms = performance.now() - before
  return { sent: hash.digest('hex'), received: sha256, bytes, before: resident, peak, ms }
}
