import { open, type FileHandle } from 'node:fs/promises'
import type { Audit } from './audit.ts'

export interface AuditLog {
  readonly write: Audit
  /** After everything was written. */
  readonly close: () => Promise<void>
}

/** One JSON object per line, appended to a file that only its owner can read; without a file, to standard output. */
export async function openAudit(file: string | undefined): Promise<AuditLog> {
  if (file === undefined) return toOutput()
  const handle = await open(file, 'a', 0o600)
  const append = createAppend(handle, await endsMidway(file, handle))
  let last: Promise<void> = Promise.resolve()
  return {
    write(line) {
      const text = `${JSON.stringify(line)}\n`
      // A full disk must not end the process, nor the log once it has room again: what could not be kept is said here.
      last = last
        .then(() => append(text))
        .catch((error: Error) => void process.stderr.write(`audit log ${file}: ${error.message}: ${text}`))
      return last
    },
    async close() {
      await last
      await handle.close()
    },
  }
}

/**
 * Appends lines, each on a line of its own also after one of which a full disk took only a part. `torn`: the file ends
 * with such a part.
 */
export function createAppend(
  handle: Pick<FileHandle, 'write'>,
  torn: boolean,
): (line: string) => Promise<void> {
  return async (line) => {
    const bytes = Buffer.from(torn ? `\n${line}` : line)
    for (let done = 0; done < bytes.length;) {
      done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten
      torn = done < bytes.length
    }
  }
}

/** A gateway that was killed may have left a part of a line. Of what can't be read that is not known. */
async function endsMidway(file: string, appended: FileHandle): Promise<boolean> {
  const stats = await appended.stat()
  if (!stats.isFile() || stats.size === 0) return false
  const handle = await open(file, 'r').catch(() => undefined)
  if (handle === undefined) return false
  try {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, stats.size - 1)
    return buffer[0] !== 0x0a
  } finally {
    await handle.close()
  }
}

function toOutput(): AuditLog {
  const { stdout, stderr } = process
  let last: Promise<void> = Promise.resolve()
  // Whoever reads the output may be gone: that must not end the process, and each line says it below.
  const ignored = (): void => undefined
  stdout.on('error', ignored)
  return {
    write(line) {
      const text = `${JSON.stringify({ audit: line })}\n`
      last = written(stdout, text).then(async (error) => {
        if (error) await written(stderr, `audit log: ${error.message}: ${text}`)
      })
      return last
    },
    // Of a slow reader's pipe, what is not taken yet would be lost with the process.
    async close() {
      await last
      stdout.off('error', ignored)
    },
  }
}

function written(stream: NodeJS.WriteStream, text: string): Promise<Error | null | undefined> {
  return new Promise((resolve) => void stream.write(text, resolve))
}
