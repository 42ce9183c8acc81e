import { open } from 'node:fs/promises'
import type { Audit } from './audit.ts'

export interface AuditLog {
  readonly write: Audit
  /** After everything was written. */
  readonly close: () => Promise<void>
}

/** One JSON object per line, appended to a file that only its owner can read; without a file, to standard output. */
export async function openAudit(file: string | undefined): Promise<AuditLog> {
  if (file === undefined) {
    return {
      write: (line) => void process.stdout.write(`${JSON.stringify({ audit: line })}\n`),
      close: () => Promise.resolve(),
    }
  }
  const handle = await open(file, 'a', 0o600)
  let last: Promise<void> = Promise.resolve()
  return {
    write(line) {
      const text = `${JSON.stringify(line)}\n`
      // A full disk must not end the process, nor the log once it has room again: what could not be kept is said here.
      last = last
        .then(() => handle.appendFile(text))
        .catch((error: Error) => void process.stderr.write(`audit log ${file}: ${error.message}: ${text}`))
    },
    async close() {
      await last
      await handle.close()
    },
  }
}
