import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCalls } from '../../src/model/calls.ts'
import type { Method } from '../../src/model/region-call.ts'
import type { StateChange } from '../../src/simulator/region/change.ts'
import { parseStxRelease, releaseFacts } from '../../src/simulator/region/release.ts'
import type { TruthView } from '../../src/simulator/views.ts'
import type { SeenWrite } from '../../src/simulator/transport/seenWrites.ts'
import { planOf } from '../simulator/oneRegion.ts'
import { startSimulatedFleet, until, type SentBody, type SimulatedFleet } from '../support/simulated-fleet.ts'
import { cellOf, columns, mergedCellOf } from './cells.ts'
import { lines, type Line } from './lines.ts'
import { askedBy, filled, spelled, wordsOf, type Example } from './words.ts'

// Each cell of docs/compatibility.md, tried: every line is sent to a simulated region of each release of each column,
// through the door of one region, and what arrived there is put in the words of the cell.

/** The first is stx 9's USM. */
const places = (['usm', 'patching'] as const).flatMap((service) =>
  columns[service].flatMap((column) =>
    column.releases.map((release) => ({ service, release, column, name: `${service}-${release}` })),
  ),
)
type Place = (typeof places)[number]

/** How a region answers a path or a method that it lacks. */
const unknownThere = [404, 405]

let fleet: SimulatedFleet
beforeAll(async () => {
  fleet = await startSimulatedFleet(
    {
      plans: places.map(({ name, service, release }) =>
        planOf({
          name,
          subcloud: name,
          release: parseStxRelease(release),
          size: { releases: 4, packages: 1, hosts: 2 },
          changes: [{ patch_hosts: service === 'patching' }],
        }),
      ),
      // Nothing happens by itself.
      transitionMs: null,
    },
    // Everything is read once, and then only what a call wants.
    { refresh: { interval: '24h', min_age: '0s' } },
  )
  for (const target of ['/v1/release', '/v1/deploy', '/v1/deploy_host', '/v1/query', '/v1/query_hosts']) {
    await until(async () => {
      const { regions } = await fleet.get(`${target}?max_age=24h`)
      return (regions['fresh'] ?? 0) + (regions['unsupported'] ?? 0) === regions['total']
    })
  }
})
afterAll(() => fleet.close())

describe.each(places)('$service of stx $release', (place) => {
  const merged = readCalls
    .filter((call) => call.service === place.service)
    .flatMap((call) => call.paths.map((path) => ({ call, path, words: `GET ${path}` })))
  test.each(merged)('merged: $words', async ({ call, path, words }) => {
    const cell = mergedCellOf(call, path, place.column.dialect)
    const { asked } = await during(place, () => {
      const target = filled(path, exampleOf(place))
      return fleet.send('GET', `${target}?region_name=${place.name}&max_age=0s`)
    })
    expect(cell).toEqual({ kind: asked[0] === words ? 'works' : 'translated', sent: asked })
  })

  const own = lines.filter(({ service }) => service === place.service)
  test.each(own.filter(({ call }) => call.kind === 'read'))('read: $words', async (line) => {
    const cell = await cellOf(line, place.column.dialect)
    const { answer, asked } = await during(place, () => ask(place, line))
    if (cell.kind !== 'refused') {
      expect(asked).toEqual(cell.sent)
      if (cell.kind === 'answered') expect(answer).toMatchObject({ status: 200, body: cell.value })
      return expect(unknownThere).not.toContain(answer.status)
    }
    expect(asked).toEqual([])
    expect(answer).toMatchObject({ status: 404, body: { detail: expect.stringContaining(cell.why) } })
  })

  // Deletions last, the longest first: the others need what they delete.
  const deletes = ({ words }: Line) => (/^DELETE|\/delete\//.test(words) ? 1e3 - words.length : 0)
  const writes = own.filter(({ call }) => call.kind === 'write')
  test.each(writes.toSorted((a, b) => deletes(a) - deletes(b)))('write: $words', async (line) => {
    const cell = await cellOf(line, place.column.dialect)
    for (const change of stateFor(place, line)) fleet.simulator.change(place.name, change)
    const { answer, asked, written } = await during(place, () => ask(place, line))
    if (cell.kind !== 'refused') {
      expect(written).toEqual(cell.sent)
      return expect(unknownThere).not.toContain(answer.status)
    }
    expect(written).toEqual([])
    expect(asked.filter((words) => !words.startsWith('GET '))).toEqual([])
    // What no region is ever asked is a mistake of the caller's.
    const status = line.call.refused === undefined ? 409 : 400
    expect(answer).toMatchObject({ status, body: { detail: expect.stringContaining(cell.why) } })
  })
})

test('stx 9 activates and completes nothing where no deployment is under way', async () => {
  const place = places[0] as Place
  for (const { release_id: id, state } of truthOf(place)?.releases ?? []) {
    if (state.startsWith('deploying'))
      fleet.simulator.change(place.name, { release: { id, state: 'available' } })
  }
  for (const action of ['activate', 'complete']) {
    const { answer, written } = await during(place, () =>
      fleet.send('POST', `/regions/${place.name}/v1/deploy/${action}`),
    )
    expect(written).toEqual([])
    expect(answer).toMatchObject({
      status: 409,
      body: { detail: `${place.name}: no deployment is under way` },
    })
  }
})

test('a region that has no such API refuses its calls, and says why', async () => {
  const usm = await fleet.send('POST', '/regions/patching-8/v1/deploy/abort')
  expect(usm).toMatchObject({
    status: 409,
    body: { detail: 'patching-8: its Patching serves a release before stx 9, which has no USM' },
  })
  const patching = await fleet.send('POST', '/regions/usm-12/v1/apply/X-1')
  expect(patching).toMatchObject({
    status: 409,
    body: { detail: 'usm-12: its USM is of stx 12 or later, which has no Patching' },
  })
})

function exampleOf({ service, release, name }: Place): Example {
  const { version } = releaseFacts[parseStxRelease(release)]
  const id = (number: number) =>
    service === 'usm' ? `starlingx-${version}.${number - 1}` : `STX_${version}_PATCH_000${number}`
  return {
    id: id(4),
    required: id(3),
    host: 'controller-0',
    region: name,
    file: service === 'usm' ? `starlingx-${version}.8.patch` : `STX_${version}_PATCH_0008.patch`,
    file2: service === 'usm' ? `starlingx-${version}.9.patch` : `STX_${version}_PATCH_0009.patch`,
    path: '/home/sysadmin/one.patch',
  }
}

async function ask(place: Place, { words, service }: Line): ReturnType<SimulatedFleet['send']> {
  const { method, path, query, json, files } = askedBy(words, exampleOf(place))
  const target = `/regions/${place.name}/${service}${path}${query}`
  return fleet.send(method, target, bodyOf(json, files))
}

function bodyOf(json: unknown, files: readonly string[]): SentBody | undefined {
  if (Array.isArray(json)) return { text: JSON.stringify(json) }
  if (json !== undefined) return { json }
  if (files.length === 0) return undefined
  const form = new FormData()
  for (const file of files) form.append(file, new Blob([Buffer.from([0x1f, 0x8b, 8, 0])]), file)
  return { form }
}

/** What reached the region meanwhile, in words: every request without its query and body, and every write whole. */
async function during<T>(
  place: Place,
  act: () => Promise<T>,
): Promise<{ answer: T; asked: string[]; written: string[] }> {
  const example = exampleOf(place)
  const counters = () =>
    fleet.simulator.requests().find(({ region_name }) => region_name === place.name)?.[place.service]
  const before = { ...counters()?.by_path }
  const writesBefore = counters()?.writes.length ?? 0
  const answer = await act()
  const { by_path: after = {}, writes = [] } = counters() ?? {}
  const asked = Object.keys(after).filter((key) => after[key] !== before[key])
  return {
    answer,
    asked: asked.map((key) => spelled(key, example)),
    written: writes.slice(writesBefore).map((write) => writtenWords(write, example)),
  }
}

function writtenWords({ method, path, target, body, parts = [] }: SeenWrite, example: Example): string {
  const query = target.slice(path.length)
  const files = parts.map(({ filename = '' }) => filename)
  return wordsOf({ method: method as Method, path, query, json: body, files }, example)
}

/** What a line needs of its region so that all of it is sent. */
function stateFor(place: Place, { words }: Line): StateChange[] {
  const { id, required, host } = exampleOf(place)
  if (place.service === 'usm') {
    if (place.release !== '9' || !/activate|complete/.test(words)) return []
    return [required, id].map((each) => ({ release: { id: each, state: 'deploying-host' } }))
  }
  const repostate = /remove|commit/.test(words) ? 'Applied' : 'Available'
  const { patches = [] } = truthOf(place) ?? {}
  const there = patches.filter((patch) => [id, required].includes(patch.id))
  return [
    { host: { hostname: host, state: 'idle', patch_current: true, interim_state: false } },
    ...there.map((patch): StateChange => ({ patch: { id: patch.id, repostate, settled: true } })),
  ]
}

function truthOf({ name }: Place): TruthView | undefined {
  return fleet.simulator.truth().find(({ region_name }) => region_name === name)
}
