import { constants } from 'node:fs'
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { firstLine, readLog } from './read-log.ts'
import { encoded, sumOf, type Change, type Entry, type Kept } from './record.ts'

/** Things by key, in memory and in one file that a restart reads. */
export interface Log {
  get(key: string): Kept | undefined
  keys(): Iterable<string>
  /** Of a body that is there already only the new time is written. */
  put(key: string, kept: Kept): void
  drop(key: string): void
  /** Writes what changed. Never rejects: what could not be written is written later. */
  flush(): Promise<void>
  /** Bytes written since it was opened, and of the file now. */
  written(): { readonly bytes: number; readonly size: number }
  close(): Promise<void>
}

export interface LogOptions {
  /** ms since the epoch. */
  readonly now: () => number
  /** Something that an operator should know, as a sentence. */
  readonly onNote: (note: string) => void
  /** So many bytes more than twice those of what it keeps a file may have, before it is written anew; by default 4 MiB. */
  readonly slack?: number
}

/** Written at once, at most: what is being written meanwhile does not keep the event loop. */
const chunkSize = 2 ** 20
const chunkRecords = 1_000
/** Of a record, beside its key, its word and its body: roughly. */
const overhead = 80
/** After a write that failed (ms): a full disk stays full for a while. */
const pauseAfterFailure = 10_000

/** Never loses what it had for what it writes: a kill leaves the old or the new. Rejects where the file can't be had. */
export async function openLog(file: string, { now, onNote, slack = 4 * 2 ** 20 }: LogOptions): Promise<Log> {
  const entries = new Map<string, Entry>()
  let dirty = new Map<string, 'new' | 'again' | 'gone'>()
  let live = 0
  let written = 0
  let failingSince: number | undefined
  let usable = true
  let closed: Promise<void> | undefined
  /** The file may hold a part of a record behind `size`. */
  let torn = false

  const weight = (key: string, { note, body }: Kept): number =>
    key.length + note.length + body.length + overhead
  function set(key: string, entry: Entry | undefined): void {
    const before = entries.get(key)
    if (before) live -= weight(key, before)
    if (entry === undefined) return void entries.delete(key)
    live += weight(key, entry)
    entries.set(key, entry)
  }
  function apply(change: Change): void {
    if ('entry' in change) return set(change.key, change.entry)
    if (!('again' in change)) return set(change.key, undefined)
    const before = entries.get(change.key)
    if (before?.sum === change.again.sum) set(change.key, { ...before, at: change.again.at })
  }

  let { handle, size } = await load()

  async function load(): Promise<{ handle: FileHandle; size: number }> {
    const before = await stat(file).catch(() => undefined)
    if (before === undefined) return create()
    const old = await open(file, constants.O_RDWR)
    const found = await readLog(old, before.size, apply)
    if (!found.damaged) {
      torn = found.end < before.size
      return { handle: old, size: found.end }
    }
    await old.close()
    const aside = await setAside(file, now())
    const what = found.foreign ? 'is no state of this version' : 'has damaged parts'
    const rest = found.foreign ? 'starting without it' : `${entries.size} entries of it were readable`
    onNote(`${file} ${what}; set aside as ${basename(aside)}, ${rest}`)
    return create()
  }

  /** The file anew, with all that is kept and nothing else. */
  async function create(): Promise<{ handle: FileHandle; size: number }> {
    const fresh = `${file}.new`
    await rm(fresh, { force: true })
    const next = await open(fresh, 'wx', 0o600)
    try {
      const all = function* (): Iterable<Change> {
        for (const [key, entry] of entries) yield { key, entry }
      }
      const end = await write(next, await write(next, 0, [], firstLine), all())
      await next.sync()
      await rename(fresh, file)
      await syncFolder(dirname(file))
      return { handle: next, size: end }
    } catch (error) {
      await next.close()
      throw error
    }
  }

  /** Where what was written ends. */
  async function write(to: FileHandle, from: number, changes: Iterable<Change>, first = ''): Promise<number> {
    let at = from
    let chunk: Buffer[] = [Buffer.from(first)]
    let [bytes, records] = [first.length, 0]
    const put = async (): Promise<void> => {
      const all = Buffer.concat(chunk, bytes)
      for (let done = 0; done < all.length;) {
        done += (await to.write(all, done, all.length - done, at + done)).bytesWritten
      }
      at += all.length
      written += all.length
      ;[chunk, bytes, records] = [[], 0, 0]
    }
    for (const change of changes) {
      for (const part of encoded(change)) {
        chunk.push(part)
        bytes += part.length
      }
      if (bytes >= chunkSize || ++records >= chunkRecords) await put()
    }
    await put()
    return at
  }

  async function writeDirty(): Promise<void> {
    const pausing = failingSince !== undefined && now() - failingSince < pauseAfterFailure
    if (!usable || dirty.size === 0 || pausing) return
    const batch = dirty
    dirty = new Map()
    try {
      if (torn) await handle.truncate(size)
      torn = false
      if (size > 2 * live + slack) {
        const old = handle
        ;({ handle, size } = await create())
        await old.close()
      } else {
        torn = true
        const end = await write(handle, size, changesIn(batch))
        await handle.datasync()
        size = end
        torn = false
      }
      if (failingSince !== undefined) onNote(`${file} can be written again`)
      failingSince = undefined
    } catch (error) {
      if (failingSince === undefined) {
        onNote(`${file} cannot be written: ${error instanceof Error ? error.message : 'no reason'}`)
      }
      failingSince = now()
      for (const [key, how] of batch) markUnwritten(key, how)
    }
  }
  /** What came in meanwhile stands; but `again` is nothing without the body that it is about. */
  function markUnwritten(key: string, how: 'new' | 'again' | 'gone'): void {
    const since = dirty.get(key)
    if (since === undefined || (since === 'again' && how === 'new')) dirty.set(key, how)
  }
  function* changesIn(batch: ReadonlyMap<string, 'new' | 'again' | 'gone'>): Iterable<Change> {
    for (const [key, how] of batch) {
      const entry = entries.get(key)
      if (entry === undefined) yield { key }
      else yield how === 'new' ? { key, entry } : { key, again: { at: entry.at, sum: entry.sum } }
    }
  }

  let writing = Promise.resolve()
  const flush = (): Promise<void> => (writing = writing.then(writeDirty))
  async function end(): Promise<void> {
    failingSince = undefined
    await flush()
    usable = false
    await handle.close()
  }
  return {
    get: (key) => entries.get(key),
    keys: () => entries.keys(),
    put(key, kept) {
      const before = entries.get(key)
      const same = before?.note === kept.note && before.body.equals(kept.body)
      set(key, { ...kept, sum: same ? before.sum : sumOf(kept) })
      if (!same) dirty.set(key, 'new')
      else if (!dirty.has(key)) dirty.set(key, 'again')
    },
    drop(key) {
      if (!entries.has(key)) return
      set(key, undefined)
      dirty.set(key, 'gone')
    },
    flush,
    written: () => ({ bytes: written, size }),
    close: () => (closed ??= end()),
  }
}

/** Only the latest one stays: it may be as large as all that is kept. */
async function setAside(file: string, now: number): Promise<string> {
  const folder = dirname(file)
  const prefix = `${basename(file)}.corrupt-`
  for (const name of await readdir(folder)) if (name.startsWith(prefix)) await rm(join(folder, name))
  const aside = join(folder, prefix + new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, ''))
  await rename(file, aside)
  return aside
}

/** A name that was changed is on the disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
