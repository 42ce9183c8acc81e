import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  patchingHostStates,
  patchStates,
  toPatchingHost,
  toPatch,
} from '../../src/upstream/facts-patching.ts'
import {
  toDeployHost,
  toDeployment,
  toRelease,
  usmDeploymentStates,
  usmHostStates,
  usmReleaseStates,
} from '../../src/upstream/facts-usm.ts'
import { recordedStates, type ShownState } from '../support/recorded-states.ts'

// docs/facts.md says of each native word what it is in ours, and which recording shows it: the document, the code and
// the recordings say the same.

interface Row {
  readonly state: ShownState
  readonly normalised: string
  readonly shownBy: string | undefined
  readonly releases: string
}

const kinds = { release: 'release', deployment: 'deployment', host: 'host' } as const
const recorded = recordedStates()
const rows = rowsOf(readFileSync(join(import.meta.dirname, '../../docs/facts.md'), 'utf8'))

function rowsOf(document: string): readonly Row[] {
  return document.split('\n## ').flatMap((section) => {
    const kind = kinds[(/^States of a (\w+)/.exec(section)?.[1] ?? '') as keyof typeof kinds]
    return [...section.matchAll(/^\| (USM|Patching) \| `(.+?)` \| (\S+) \| (?:`(.+?)`|—) \| (.+) \|$/gm)].map(
      ([, api = '', native = '', normalised = '', shownBy, releases = '']) => {
        const state = `${api === 'USM' ? 'usm' : 'patching'} ${kind} ${native}` as const
        return { state, normalised, shownBy, releases }
      },
    )
  })
}

/** What the code makes of a record that says so. */
function made(state: ShownState): string {
  const [api, kind, native] = state.split(' ')
  const record = { state: native, host_state: native, patchstate: native }
  if (kind === 'deployment') return toDeployment(record).state
  if (api === 'usm') return (kind === 'host' ? toDeployHost(record) : toRelease(record)).state
  return (kind === 'host' ? toPatchingHost(record) : toPatch('P', record)).state
}

test.each(rows)('$state', ({ state, normalised, shownBy, releases }) => {
  expect(made(state)).toBe(normalised)
  const shown = recorded.get(state) ?? []
  if (shownBy === undefined) expect(shown).toEqual([])
  else expect(shown).toContain(shownBy)
  const told = shown.map((path) => path.split('/')[1]?.replace(/^stx(\d+)\.0$/, '$1') ?? '')
  if (shown.length > 0) expect(releases.split(', ').toSorted()).toEqual([...new Set(told)].toSorted())
})

test('every word that the code knows, or that a recording shows, is in the document', () => {
  const known = [
    ...[...usmReleaseStates.keys()].map((native) => `usm release ${native}`),
    ...[...usmDeploymentStates.keys()].map((native) => `usm deployment ${native}`),
    ...[...usmHostStates.keys()].map((native) => `usm host ${native}`),
    ...[...patchStates.keys()].map((native) => `patching release ${native}`),
    ...[...patchingHostStates.keys()].map((native) => `patching host ${native}`),
    ...recorded.keys(),
  ]
  const documented = rows.map(({ state }) => state)
  expect(documented.toSorted()).toEqual([...new Set(known)].toSorted())
})
