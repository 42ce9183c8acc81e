import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type { UploadedFile } from '../model/upload.ts'
import type { StreamedBody } from './http.ts'

/** A form of files, with names as the region wants them. */
export interface MultipartBody extends StreamedBody {
  readonly contentType: string
}

/**
 * multipart/form-data of whole files, its length known before its first byte: regions drop bodies that come in chunks.
 * Its parts' headers are written anew, so that a region sees nothing of a caller's but the names. Throws for a name that
 * would end its quotes. Patching wants `{...file, fieldName: 'file', fileName: <the last segment>}`.
 */
export function multipartBody(files: readonly UploadedFile[]): MultipartBody {
  const boundary = `stx-fleet-${randomBytes(24).toString('hex')}`
  const parts = files.map((file) => ({ file, head: headOf(boundary, file) }))
  const end = Buffer.from(`--${boundary}--\r\n`)
  const length = parts.reduce(
    (sum, { file, head }) => sum + head.length + file.size + newline.length,
    end.length,
  )

  async function* bytes(): AsyncGenerator<Buffer> {
    for (const { file, head } of parts) {
      yield head
      for await (const piece of file.open()) yield piece as Buffer
      yield newline
    }
    yield end
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length,
    stream: () => Readable.from(bytes(), { objectMode: false }),
  }
}

const newline = Buffer.from('\r\n')

function headOf(boundary: string, { fieldName, fileName, contentType }: UploadedFile): Buffer {
  const lines = [
    `--${boundary}`,
    `Content-Disposition: form-data; name=${quoted(fieldName)}; filename=${quoted(fileName)}`,
    `Content-Type: ${contentType}`,
  ]
  if (!/^[\w.+-]+\/[\w.+-]+$/.test(contentType)) throw new Error('a content type that is none')
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

/** Python's `cgi` at the region and browsers differ in how they escape: what would need it is not sent at all. */
function quoted(name: string): string {
  if (!/^[ !#-[\]-~]+$/.test(name)) throw new Error('a name that can not be quoted')
  return `"${name}"`
}
