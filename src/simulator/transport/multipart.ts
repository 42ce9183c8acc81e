import { createHash } from 'node:crypto'
import type { UploadedPart } from '../answers/request.ts'

/** Takes a multipart body as it comes in and keeps of each part only what it was. */
export interface MultipartReader {
  push(chunk: Buffer): void
  parts(): readonly UploadedPart[]
}

interface OpenPart {
  readonly name: string
  readonly filename?: string
  readonly hash: ReturnType<typeof createHash>
  bytes: number
  start: Buffer
}

const headersEnd = Buffer.from('\r\n\r\n')

export function createMultipartReader(boundary: string): MultipartReader {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  const parts: UploadedPart[] = []
  // The first delimiter stands at the very beginning, without a line before it.
  let held: Buffer = Buffer.from('\r\n')
  let open: OpenPart | undefined
  let place: 'body' | 'delimiter' | 'headers' | 'end' = 'body'

  const take = (data: Buffer) => {
    if (!open || data.length === 0) return
    open.hash.update(data)
    open.bytes += data.length
    if (open.start.length < 2) open.start = Buffer.concat([open.start, data.subarray(0, 2)])
  }
  const close = () => {
    if (!open) return
    const { name, filename, hash, bytes, start } = open
    const gzip = start[0] === 0x1f && start[1] === 0x8b
    parts.push({
      name,
      ...(filename === undefined ? {} : { filename }),
      bytes,
      sha256: hash.digest('hex'),
      gzip,
    })
    open = undefined
  }
  /** One step through what is held; false: more bytes are needed. */
  const step = (): boolean => {
    if (place === 'end') {
      held = Buffer.alloc(0)
      return false
    }
    if (place === 'body') {
      const at = held.indexOf(delimiter)
      const sure = at < 0 ? Math.max(0, held.length - delimiter.length) : at
      take(held.subarray(0, sure))
      held = held.subarray(at < 0 ? sure : at + delimiter.length)
      if (at < 0) return false
      close()
      place = 'delimiter'
      return true
    }
    if (place === 'delimiter') {
      if (held.length < 2) return false
      place = held.subarray(0, 2).toString() === '--' ? 'end' : 'headers'
      return true
    }
    const at = held.indexOf(headersEnd)
    if (at < 0) return false
    open = newPart(held.subarray(0, at).toString())
    held = held.subarray(at + headersEnd.length)
    place = 'body'
    return true
  }
  return {
    push(chunk) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      while (step());
    },
    parts: () => parts,
  }
}

function newPart(headers: string): OpenPart {
  const disposition = /^content-disposition:(.*)$/im.exec(headers)?.[1] ?? ''
  const filename = /\bfilename="([^"]*)"/i.exec(disposition)?.[1]
  return {
    name: /[;\s]name="([^"]*)"/i.exec(disposition)?.[1] ?? '',
    ...(filename === undefined ? {} : { filename }),
    hash: createHash('sha256'),
    bytes: 0,
    start: Buffer.alloc(0),
  }
}
