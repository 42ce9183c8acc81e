import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isObject, parseJson } from '../replay/json.ts'
import { mutates } from '../replay/mutating.ts'
import { loadReleases, toRecording } from '../replay/recordings.ts'
import type { Api, RecordedRelease, Recording } from '../replay/recordings.ts'
import { pathOf } from '../replay/scenario.ts'
import { describedForm } from './described-form.ts'

/** A recorded exchange that changes a region, or whose method could. */
export interface RecordedWrite extends Recording {
  /** As the client sent it; empty where it sent none. */
  readonly body: Buffer
}

/** All writes of one release of one API, and the reads that its regions answer beside them. */
export interface RecordedWrites {
  readonly api: Api
  readonly release: string
  readonly reads: RecordedRelease
  readonly writes: readonly RecordedWrite[]
}

const fixtures = join(import.meta.dirname, '../fixtures')

/** The recordings under both folders of any release: whatever is no GET, and the GETs that change something. */
export function loadWrites(): readonly RecordedWrites[] {
  const reads = loadReleases()
  return (['usm', 'patching'] as const).flatMap((api) => {
    // A recording that lies in both is one.
    const byName = new Map<string, string>()
    for (const folder of ['recordings', 'recorded-writes']) {
      const cwd = join(fixtures, folder)
      const found = existsSync(cwd) ? globSync(`${api}/*/*.json`, { cwd }) : []
      for (const file of found) byName.set(file, join(folder, file))
    }
    const files = [...byName.values()]
    const releases = [...new Set(files.map((file) => basename(dirname(file))))].sort()
    return releases.map((release) => {
      const own = files.filter((file) => basename(dirname(file)) === release).sort()
      const writes = own
        .map((file) => toWrite(api, file, readFileSync(join(fixtures, file), 'utf8')))
        .filter(({ method, target }) => method !== 'GET' || mutates(api, pathOf(target)))
      const known = reads.find((one) => one.api === api && one.release === release)
      return { api, release, writes, reads: known ?? { api, release, reads: [], others: 0 } }
    })
  })
}

export function toWrite(api: Api, file: string, text: string): RecordedWrite {
  const content = parseJson(text)
  const request = isObject(content) ? content['request'] : undefined
  const recorded = isObject(request) ? request['body'] : undefined
  const recording = toRecording(api, file, text)
  const body = typeof recorded === 'string' ? toBytes(recorded, recording) : Buffer.alloc(0)
  return { ...recording, body }
}

/** Bodies stand in a recording as text, as base64, or, where they were long, as a description. */
function toBytes(recorded: string, { asked }: Recording): Buffer {
  const coded = recorded.startsWith('{"base64"') ? parseJson(recorded) : undefined
  if (isObject(coded) && typeof coded['base64'] === 'string') return Buffer.from(coded['base64'], 'base64')
  return describedForm(recorded, asked['content-type'] ?? '') ?? Buffer.from(recorded)
}
