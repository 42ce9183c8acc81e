import type { FileHandle } from 'node:fs/promises'
import { longestHead, parseHead, toChange, type Change } from './record.ts'

/** What was found in a log. */
export interface LogFound {
  /** Where the last whole record ends. */
  readonly end: number
  /** Bytes that are no record of ours; what a kill leaves at the end is none, and is just not there. */
  readonly damaged: boolean
  /** It was written by a later gateway, or is no log of ours: nothing of it was read. */
  readonly foreign: boolean
}

/** The first line of every log: what comes after it is understood only in this version. */
export const firstLine = 'stx-fleet-state 1\n'

const windowSize = 2 ** 20
const newline = 0x0a

/** Reads changes in their order, without having the whole file in memory. */
export async function readLog(
  handle: FileHandle,
  size: number,
  onChange: (change: Change) => void,
): Promise<LogFound> {
  const window = Buffer.allocUnsafeSlow(windowSize)
  let from = 0
  let to = 0

  /** Bytes of the file; a view that holds until the next call. */
  async function load(at: number, length: number): Promise<Buffer> {
    if (length > windowSize) return (await readFully(handle, Buffer.allocUnsafeSlow(length), at)).subarray()
    from = at
    to = at + (await readFully(handle, window, at)).length
    return window.subarray(0, Math.min(length, to - from))
  }
  /** The same without waiting, where it is loaded already. */
  const loaded = (at: number, length: number): Buffer | undefined =>
    at >= from && at + length <= to ? window.subarray(at - from, at - from + length) : undefined

  const first = await load(0, Math.min(size, firstLine.length))
  if (first.toString() !== firstLine) return { end: 0, damaged: true, foreign: true }
  let at = firstLine.length
  let damaged = false
  while (at < size) {
    const length = Math.min(longestHead, size - at)
    const head = loaded(at, length) ?? (await load(at, length))
    const lineLength = head.indexOf(newline)
    // A line that only the end of the file ends was not written to its end.
    if (lineLength < 0) return { end: at, damaged: damaged || length === longestHead, foreign: false }
    const parsed = parseHead(head.subarray(0, lineLength))
    // Where a line can't be believed, nobody knows where the next one begins.
    if (parsed === undefined) return { end: at, damaged: true, foreign: false }
    let end = at + lineLength + 1
    let body: Buffer | undefined
    if (parsed.size !== undefined) {
      if (end + parsed.size + 1 > size) return { end: at, damaged, foreign: false }
      body = Buffer.from(loaded(end, parsed.size) ?? (await load(end, parsed.size)))
      end += parsed.size + 1
    }
    const change = toChange(parsed, body)
    if (change) onChange(change)
    else damaged = true
    at = end
  }
  return { end: at, damaged, foreign: false }
}

async function readFully(handle: FileHandle, into: Buffer, position: number): Promise<Buffer> {
  let filled = 0
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return into.subarray(0, filled)
}
