import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a recording shows: `usm release deployed`, `patching host idle`, … */
export type ShownState = `${'usm' | 'patching'} ${'release' | 'deployment' | 'host'} ${string}`

/** Every native state that some recording shows, with the names of the recordings: `usm/stx10.0/flow-12`. */
export function recordedStates(): ReadonlyMap<ShownState, readonly string[]> {
  const root = join(import.meta.dirname, '../fixtures/recordings')
  const shown = new Map<ShownState, string[]>()
  for (const path of globSync('{usm,patching}/*/*.json', { cwd: root }).sort()) {
    const recording = JSON.parse(readFileSync(join(root, path), 'utf8')) as { response?: { body?: unknown } }
    const api = path.startsWith('usm/') ? 'usm' : 'patching'
    for (const state of new Set(statesIn(api, parsed(recording.response?.body)))) {
      shown.set(state, [...(shown.get(state) ?? []), path.replace(/\.json$/, '')])
    }
  }
  return shown
}

function parsed(body: unknown): unknown {
  try {
    return JSON.parse(String(body))
  } catch {
    return undefined
  }
}

function* statesIn(api: 'usm' | 'patching', value: unknown): Iterable<ShownState> {
  if (typeof value !== 'object' || value === null) return
  const record = value as Readonly<Record<string, unknown>>
  const { state, host_state, patchstate } = record
  if (api === 'usm') {
    if ('from_release' in record && typeof state === 'string') yield `usm deployment ${state}`
    else if ('sw_version' in record && typeof state === 'string') yield `usm release ${state}`
    if (typeof host_state === 'string') yield `usm host ${host_state}`
  } else {
    if (typeof patchstate === 'string') yield `patching release ${patchstate}`
    if ('secs_since_ack' in record && typeof state === 'string') yield `patching host ${state}`
  }
  for (const inner of Object.values(record)) yield* statesIn(api, inner)
}
