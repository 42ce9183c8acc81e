import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Upload, UploadedFile } from '../model/upload.ts'
import { readParts } from './read-parts.ts'
import { diskProblem, type Spool } from './spool.ts'
import { badUpload, baseName, namesOf, type PartNames } from './upload-names.ts'

const mostFiles = 16
/** Bytes read from a file at a time. */
const pieceSize = 128 * 1024

interface Held extends PartNames {
  handle?: FileHandle
  size: number
}

/** Puts the files of a multipart body on disk. Throws a `Problem`, and then holds nothing any more. */
export async function receiveFiles(
  pieces: AsyncIterable<Buffer>,
  boundary: string,
  create: Spool['create'],
): Promise<Upload> {
  const held: Held[] = []
  const dispose = async (): Promise<void> => {
    for (const { handle } of held) await handle?.close()
  }
  try {
    await readParts(pieces, boundary, async (header, data) => {
      const names = namesOf(header)
      const base = baseName(names.fileName)
      if (held.length === mostFiles) throw badUpload(`at most ${mostFiles} files`)
      // Regions keep files by the last segment: the second would take the first one's place.
      if (held.some((other) => baseName(other.fileName) === base))
        throw badUpload(`two files are named ${base}`)
      const file: Held = { ...names, size: 0 }
      held.push(file)
      file.handle = await create()
      for await (const piece of data) {
        await writeAll(file.handle, piece, file.size)
        file.size += piece.length
      }
      if (file.size === 0) throw badUpload(`the file ${base} is empty`)
    })
    if (held.length === 0) throw badUpload('there is no file in it')
    return { kind: 'files', files: held.map(toFile), dispose }
  } catch (error) {
    await dispose()
    throw diskProblem(error)
  }
}

async function writeAll(handle: FileHandle, piece: Buffer, position: number): Promise<void> {
  for (let done = 0; done < piece.length;) {
    done += (await handle.write(piece, done, piece.length - done, position + done)).bytesWritten
  }
}

function toFile({ fieldName, fileName, contentType, handle, size }: Held): UploadedFile {
  async function* read(): AsyncGenerator<Buffer> {
    for (let at = 0; at < size;) {
      const length = Math.min(pieceSize, size - at)
      const piece = await handle?.read(Buffer.allocUnsafeSlow(length), 0, length, at)
      if (piece === undefined || piece.bytesRead === 0) throw new Error('an uploaded file ends early')
      yield piece.buffer.subarray(0, piece.bytesRead)
      at += piece.bytesRead
    }
  }
  const open = (): Readable => Readable.from(read(), { objectMode: false, highWaterMark: pieceSize })
  return { fieldName, fileName, contentType, size, open }
}
