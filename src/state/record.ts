import { crc32 } from 'node:zlib'

/** One thing that is kept: as of when, a short word on it, and its bytes. */
export interface Kept {
  /** ms since the epoch. */
  readonly at: number
  readonly note: string
  readonly body: Buffer
}

/** `sum` tells the bodies of one key apart: `again` must not make another body younger. */
export interface Entry extends Kept {
  readonly sum: number
}

/** One record of a log: something new, the same again as of later, or nothing any more. */
export type Change =
  | { readonly key: string; readonly entry: Entry }
  | { readonly key: string; readonly again: { readonly at: number; readonly sum: number } }
  | { readonly key: string }

/** Of all but the time. */
export function sumOf({ note, body }: Pick<Kept, 'note' | 'body'>): number {
  return crc32(body, crc32(note))
}

/** As it stands in a log: a checksum and what follows, a line; then the body, and a line's end. */
export function encoded(change: Change): readonly Buffer[] {
  const { key } = change
  if ('again' in change) return [headOf({ key, ...change.again })]
  if (!('entry' in change)) return [headOf({ key })]
  const { at, note, body, sum } = change.entry
  return [headOf({ key, at, note, size: body.length, sum }), body, lineEnd]
}

/** What the line before a body says. */
export interface Head {
  readonly key: string
  readonly at?: number
  readonly note?: string
  readonly size?: number
  readonly sum?: number
}

/** Longer lines are no lines of ours. */
export const longestHead = 64 * 2 ** 10
const lineEnd = Buffer.from('\n')
const sumLength = 8

function headOf(head: Head): Buffer {
  const text = JSON.stringify(head)
  return Buffer.from(`${hex(crc32(text))} ${text}\n`)
}

/** Undefined where the line is not one that was written here. */
export function parseHead(line: Buffer): Head | undefined {
  const text = line.subarray(sumLength + 1)
  if (line.toString('latin1', 0, sumLength + 1) !== `${hex(crc32(text))} `) return undefined
  try {
    // With the right checksum it is one of ours, in the version that the file says it has.
    return JSON.parse(text.toString()) as Head
  } catch {
    return undefined
  }
}

/** The change that a line, and the body after it, stand for; undefined where the body is not the line's. */
export function toChange({ key, at, note, size, sum }: Head, body: Buffer | undefined): Change | undefined {
  if (at === undefined || sum === undefined) return { key }
  if (body === undefined || note === undefined || size === undefined) return { key, again: { at, sum } }
  return sumOf({ note, body }) === sum ? { key, entry: { at, note, body, sum } } : undefined
}

function hex(sum: number): string {
  return sum.toString(16).padStart(sumLength, '0')
}
