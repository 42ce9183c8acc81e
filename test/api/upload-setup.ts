import { once } from 'node:events'
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach } from 'vitest'
import { Problem } from '../../src/api/problem.ts'
import { createReceiveUpload, type UploadOptions } from '../../src/api/receive-upload.ts'
import { createSpool, diskAt, type Disk } from '../../src/api/spool.ts'

export const boundary = '----test'
export const formType = `multipart/form-data; boundary=${boundary}`

export interface ReceivedFile {
  readonly fieldName: string
  readonly fileName: string
  readonly contentType: string
  readonly text: string
}

/** What became of an upload: its files or paths, or the status and words of its refusal. */
export interface Received {
  readonly files?: readonly ReceivedFile[]
  readonly paths?: readonly string[]
  readonly status?: number
  readonly slug?: string
  readonly message?: string
  /** The name of the error's kind. */
  readonly error?: string
}

export interface UploadServer {
  readonly url: string
  /** The folder of the uploads. */
  readonly dir: string
  /** What becomes of the next upload. */
  readonly next: () => Promise<Received>
  /** Sends a body as a whole and gives what became of it. */
  readonly post: (
    body: string | Buffer,
    contentType?: string,
    headers?: Record<string, string>,
  ) => Promise<Received>
  /** The same without announcing the body's length. */
  readonly postChunked: (body: string, contentType?: string) => Promise<Received>
  /** A socket to send bytes by. */
  readonly dial: () => Socket
}

export interface UploadServerOptions extends Partial<Omit<UploadOptions, 'spool'>> {
  readonly disk?: (dir: string) => Disk
  readonly reserve?: number
}

/** Servers that only receive uploads, closed when the test ends. */
export function createUploadSetup(): (options?: UploadServerOptions) => Promise<UploadServer> {
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })
  return async (options = {}) => {
    const dir = mkdtempSync(join(tmpdir(), 'stx-upload-test-'))
    const waiting: ((received: Received) => void)[] = []
    const spool = createSpool((options.disk ?? diskAt)(dir), options.reserve ?? 0)
    const receive = createReceiveUpload({
      maxSize: 2 ** 20,
      idleTimeout: 5_000,
      linger: 2_000,
      ...options,
      spool,
    })
    const server: Server = createServer((incoming, outgoing) => {
      const header = (name: string): string | undefined => {
        const value = incoming.headers[name]
        return typeof value === 'string' ? value : undefined
      }
      receive(incoming, header)
        .then(async (upload): Promise<Received> => {
          if (upload.kind === 'paths') return { paths: upload.paths }
          const files = await Promise.all(
            upload.files.map(async ({ fieldName, fileName, contentType, open }) => {
              return { fieldName, fileName, contentType, text: await text(open()) }
            }),
          )
          await upload.dispose()
          return { files }
        })
        .catch((error: unknown): Received => {
          if (!(error instanceof Problem)) return { error: String(error) }
          const { status, slug, message, name } = error
          return { status, slug, message, ...(name !== 'Problem' && { error: name }) }
        })
        .then((received) => {
          waiting.shift()?.(received)
          outgoing.writeHead(received.status ?? 200).end(JSON.stringify(received))
        })
        .catch((error: unknown) => outgoing.destroy(error as Error))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => {
      server.closeAllConnections()
      server.close()
      rmSync(dir, { recursive: true })
    })
    const { port } = server.address() as AddressInfo
    const url = `http://127.0.0.1:${port}`
    return {
      url,
      dir,
      next: () => new Promise((resolve) => waiting.push(resolve)),
      async post(body, contentType = formType, headers = {}) {
        const answer = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': contentType, ...headers },
          body: new Uint8Array(Buffer.from(body)),
        })
        return (await answer.json()) as Received
      },
      async postChunked(body, contentType = formType) {
        const answer = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': contentType },
          body: new Blob([body]).stream(),
          duplex: 'half',
        })
        return (await answer.json()) as Received
      },
      dial: () => connect(port, '127.0.0.1').on('error', () => undefined),
    }
  }
}

/** A multipart body of these parts, each a header and a content. */
export function form(...parts: readonly (readonly [header: string, content: string])[]): string {
  const written = parts.map(([header, content]) => `--${boundary}\r\n${header}\r\n\r\n${content}\r\n`)
  return `${written.join('')}--${boundary}--\r\n`
}

/** The header of a part that holds a file of this name. */
export function file(name: string): string {
  return `Content-Disposition: form-data; name="${name}"; filename="${name}"`
}

/** What this process holds open in a folder, and what can be seen there. */
export function heldIn(dir: string): { readonly open: number; readonly seen: readonly string[] } {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return { open: links.filter((link) => link.startsWith(dir)).length, seen: readdirSync(dir) }
}
