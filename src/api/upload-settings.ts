import { tmpdir } from 'node:os'
import { createReceiveUpload, type ReceiveUpload } from './receive-upload.ts'
import { createSpool, diskAt } from './spool.ts'

/** Uploads as the configuration gives them: sizes in bytes, times in ms. */
export interface UploadSettings {
  readonly max_size: number
  readonly dir?: string | undefined
  readonly reserve: number
  readonly idle_timeout: number
}

/** ms for which the rest of a refused upload is read, so that its sender gets to see the refusal. */
const linger = 30_000

export function receiveUploadAs({ max_size, dir, reserve, idle_timeout }: UploadSettings): ReceiveUpload {
  return createReceiveUpload({
    spool: createSpool(diskAt(dir ?? tmpdir()), reserve),
    maxSize: max_size,
    idleTimeout: idle_timeout,
    linger,
  })
}
