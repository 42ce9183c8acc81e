import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Audit } from './audit.ts'

export interface AuditLog {
  readonly write: Audit
  /** After everything was written. */
  close(): Promise<void>
}

/** One JSON object per line, appended to a file that only its owner can read; without a file, to standard output. */
export async function openAudit(file: string | undefined): Promise<AuditLog> {
  if (file === undefined) {
    return {
      write: (line) => void process.stdout.write(`${JSON.stringify({ audit: line })}\n`),
      close: () => Promise.resolve(),
    }
  }
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 })
  await once(stream, 'open')
  // A full disk must not end the process; what could not be kept is said where it can be seen.
  stream.on('error', (error) => process.stderr.write(`audit log ${file}: ${error.message}\n`))
  return {
    write: (line) => void stream.write(`${JSON.stringify(line)}\n`),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  }
}
