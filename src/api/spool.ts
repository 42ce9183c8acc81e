import { randomUUID } from 'node:crypto'
import { open, statfs, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from './problem.ts'

/** The folder where uploads wait, as far as they need it. */
export interface Disk {
  /** A new, empty file. */
  readonly create: () => Promise<FileHandle>
  /** Bytes of the file system. */
  readonly space: () => Promise<{ readonly free: number; readonly total: number }>
}

/** A file is unlinked as soon as it is open: a crash leaves nothing behind, as the system frees what nobody holds open. */
export function diskAt(dir: string): Disk {
  return {
    async create() {
      const path = join(dir, `stx-fleet-upload-${randomUUID()}`)
      const file = await open(path, 'wx+', 0o600)
      try {
        await unlink(path)
      } catch (error) {
        await file.close()
        throw error
      }
      return file
    },
    async space() {
      const { bavail, blocks, bsize } = await statfs(dir)
      return { free: bavail * bsize, total: blocks * bsize }
    },
  }
}

/** The space that one upload may fill. */
export interface Room {
  /** Told of bytes before they are written; throws where an upload of unknown length leaves too little. */
  readonly take: (bytes: number) => Promise<void>
  /** Gives back what was promised and not used. */
  readonly leave: () => void
}

/** The disk, and what of it was promised to uploads under way. */
export interface Spool {
  readonly create: Disk['create']
  /** Throws a `Problem` where `length` bytes, if that is known, do not fit. */
  readonly admit: (length: number | undefined) => Promise<Room>
}

/** Asking for the free space of a file system is not free itself: an upload of unknown length asks once per so many bytes. */
const askEvery = 32 * 2 ** 20

/** `reserve` bytes stay free for everyone else on that file system, on a small one a twentieth of it. */
export function createSpool(disk: Disk, reserve: number): Spool {
  let promised = 0

  async function left(): Promise<number> {
    const { free, total } = await disk.space()
    return free - Math.min(reserve, total / 20) - promised
  }
  return {
    create: disk.create,
    async admit(length) {
      if ((await left()) < (length ?? 1)) throw noSpace()
      let remaining = length ?? 0
      let unasked = 0
      promised += remaining
      return {
        async take(bytes) {
          const used = Math.min(bytes, remaining)
          remaining -= used
          promised -= used
          if (length !== undefined) return
          unasked += bytes
          if (unasked < askEvery) return
          unasked = 0
          if ((await left()) < askEvery) throw noSpace()
        },
        leave() {
          promised -= remaining
          remaining = 0
        },
      }
    },
  }
}

const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** The error to report for one of the file system: a `Problem` where the disk is full. */
export function diskProblem(error: unknown): unknown {
  return error instanceof Error && 'code' in error && full.has(error.code) ? noSpace() : error
}

function noSpace(): Problem {
  return new Problem(507, 'insufficient-storage', 'the gateway has too little free space for this upload')
}
