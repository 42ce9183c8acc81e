import type { Upload } from '../model/upload.ts'
import { CallerGone, discard, piecesOf, type Incoming } from './body-pieces.ts'
import { Problem } from './problem.ts'
import { receiveFiles } from './receive-files.ts'
import type { Room, Spool } from './spool.ts'
import { badUpload, pathsIn } from './upload-names.ts'

export interface UploadOptions {
  readonly spool: Spool
  /** Bytes of a request's body. */
  readonly maxSize: number
  /** ms that a sender may pause. */
  readonly idleTimeout: number
  /** ms for which the rest of a refused body is read, so that its sender gets to see the refusal. */
  readonly linger: number
}

/**
 * Receives an upload completely. `header` gives a request's header by lower-case name. Throws a `Problem`, a `CallerGone`
 * among them. Files have to be disposed of by the caller.
 */
export type ReceiveUpload = (
  incoming: Incoming,
  header: (name: string) => string | undefined,
) => Promise<Upload>

/** Bytes of a list of paths. */
const longestList = 64 * 1024
const form =
  /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([ -!#-~]{1,200})"|([!-~]{1,200}?))\s*(?:;.*)?$/i

/** docs/adr/0007-uploads-are-spooled.md says why nothing is passed on while it is still coming in. */
export function createReceiveUpload({ spool, maxSize, idleTimeout, linger }: UploadOptions): ReceiveUpload {
  return async (incoming, header) => {
    try {
      return await receive(incoming, header)
    } catch (error) {
      if (error instanceof Problem && !(error instanceof CallerGone)) await discard(incoming, linger)
      throw error
    }
  }

  async function receive(incoming: Incoming, header: (name: string) => string | undefined): Promise<Upload> {
    const contentType = header('content-type') ?? ''
    const coding = header('content-encoding')?.trim().toLowerCase() ?? ''
    if (coding !== '' && coding !== 'identity') throw unsupported(`an upload has no Content-Encoding`)
    const length = lengthOf(header('content-length'))
    if (/^text\/plain\s*(;|$)/i.test(contentType)) {
      return { kind: 'paths', paths: pathsIn(await readText(incoming, length)) }
    }
    if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) {
      throw unsupported(
        'an upload is multipart/form-data, or text/plain with a list of paths on the controller',
      )
    }
    const [, quoted, bare] = form.exec(contentType) ?? []
    const boundary = quoted ?? bare
    if (boundary === undefined) throw badUpload('multipart/form-data has no boundary')
    if (length !== undefined && length > maxSize) throw tooLarge(maxSize)
    const room = await spool.admit(length)
    try {
      return await receiveFiles(
        metered(piecesOf(incoming, idleTimeout), maxSize, room),
        boundary,
        spool.create,
      )
    } finally {
      room.leave()
    }
  }

  async function readText(incoming: Incoming, length: number | undefined): Promise<string> {
    if (length !== undefined && length > longestList) throw tooLarge(longestList)
    const pieces: Buffer[] = []
    for await (const piece of metered(piecesOf(incoming, idleTimeout), longestList)) pieces.push(piece)
    return Buffer.concat(pieces).toString('utf8')
  }
}

async function* metered(
  pieces: AsyncIterable<Buffer>,
  most: number,
  room?: Room,
): AsyncGenerator<Buffer, void> {
  let received = 0
  for await (const piece of pieces) {
    received += piece.length
    if (received > most) throw tooLarge(most)
    await room?.take(piece.length)
    yield piece
  }
}

function lengthOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  if (!/^\d{1,15}$/.test(header)) throw badUpload('Content-Length is no number')
  return Number(header)
}

function tooLarge(most: number): Problem {
  return new Problem(413, 'too-large', `an upload of this kind is at most ${most} bytes`)
}

function unsupported(detail: string): Problem {
  return new Problem(415, 'unsupported-media-type', detail)
}
