import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  startMisbehavingFleet,
  well,
  type MisbehavingFleet,
  type Misbehaviour,
  type Pair,
} from '../support/misbehaving-fleet.ts'
import type { JsonRecord } from '../support/fleet-records.ts'
import { answer } from '../support/raw-region.ts'
import { anyRecord, chooser, nearlyAnswer, spell, type SpeltRecord } from '../support/spell.ts'
import { deploy, query, queryHosts, release } from './bad-input.ts'

// Whatever one region sends, the others' part of the answer stays as it was.

const lists = [release, deploy, '/v1/deploy_host', queryHosts]
const samePatch = 'STX_24.09_PATCH_0001'

let sent: Buffer
let sentAt = ''
const anything: Misbehaviour = {
  name: 'anything',
  does: (socket, head, turn) =>
    head.split(' ')[1] === sentAt ? socket.end(answer(sent)) : well(socket, head, turn),
}

let fleet: MisbehavingFleet
let pair: Pair
beforeAll(async () => {
  fleet = await startMisbehavingFleet([anything])
  pair = fleet.pairOf(anything)
})
afterAll(() => fleet.close())

/** What fits but for what is beside the identity, which others may have too. */
const fitting = fc
  .tuple(
    fc.array(anyRecord, { maxLength: 3 }),
    fc.constantFrom('starlingx-24.09.0', 'controller-0', '', '__proto__'),
  )
  .map(([records, id]) =>
    records.map(({ entries }): SpeltRecord => ({
      entries: [...entries, ['release_id', id], ['hostname', id]],
    })),
  )
const fittingAt = (path: string) => {
  if (path === query) {
    return fc
      .tuple(anyRecord, fc.constantFrom(samePatch, '__proto__', 'regions', ''))
      .map(([record, id]): SpeltRecord => ({ entries: [['pd', { entries: [[id, record]] }]] }))
  }
  return path === queryHosts ? fitting.map((data): SpeltRecord => ({ entries: [['data', data]] })) : fitting
}
const anythingAt = (path: string): fc.Arbitrary<Buffer> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(fittingAt(path), fc.nat())
        .map(([value, n]) => Buffer.from(spell(value, chooser(n)))),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(nearlyAnswer, fc.nat()).map(([value, n]) => Buffer.from(spell(value, chooser(n)))),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
  )

/** Sends this from one region, and reads the whole fleet; how the region is counted, and the body. */
async function readWith(
  path: string,
  bytes: Buffer,
): Promise<{ readonly counted: string; readonly text: string }> {
  sent = bytes
  sentAt = path
  // Alone it is asked whatever its back-off.
  const alone = await fleet.get(`${path}?region_name=${pair.names.bad}&max_age=0`)
  expect([200, 503]).toContain(alone.status)
  expect(() => JSON.parse(alone.text) as unknown).not.toThrow()
  const { status, regions, text } = await pair.get(path, '&max_age=0')
  expect(status).toBe(200)
  const counts = [...(regions ?? '').matchAll(/(\w+)=(\d+)/g)].map(([, key, n]) => [key, Number(n)] as const)
  expect(counts[0]).toEqual(['total', 4])
  // Three are fresh whatever happens; the fourth is one thing, and once.
  const ones = counts.slice(1).flatMap(([key, n]) => {
    const remaining = key === 'fresh' ? n - 3 : n
    return remaining === 0 ? [] : [[key, remaining] as const]
  })
  expect(ones).toEqual([[expect.any(String), 1]])
  return { counted: ones[0]?.[0] ?? '', text }
}

test.each(lists)(
  '%s: any bytes leave the bytes of the other regions as they were',
  { timeout: 60_000 },
  async (path) => {
    const others = (await pair.getOthers(path)).text
    const before = (await fleet.get(`${path}?region_name=a-good`)).text.replace(/\]\}?$/, '')
    const after = others.slice(before.length)
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(anythingAt(path), async (bytes) => {
        const { counted, text } = await readWith(path, bytes)
        seen.add(counted)
        expect(text.startsWith(before) && text.endsWith(after)).toBe(true)
        JSON.parse(text)
        const between = text.slice(before.length, text.length - after.length).replace(/^,/, '')
        const records = JSON.parse(`[${between}]`) as { region_name: unknown }[]
        for (const record of records) expect(record.region_name).toBe(pair.names.bad)
      }),
      { seed: 7, numRuns: 40 },
    )
    // Neither all of it was refused nor all of it taken.
    expect(seen).toContain('fresh')
    expect(seen.size).toBeGreaterThan(1)
  },
)

type Patch = JsonRecord & { readonly regions: JsonRecord }
type Patches = Readonly<Record<string, Patch>>

function patchesOf(text: string): Patches {
  return (JSON.parse(text) as { readonly pd: Patches }).pd
}

/** A patch without what is said over all regions that have it. */
function metadataOf(patch: Patch): JsonRecord {
  const overall = new Set(['regions', 'differs', 'patchstate', 'repostate'])
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !overall.has(key)))
}

test(
  `${query}: any bytes leave what the other regions say of their patches as it was`,
  { timeout: 60_000 },
  async () => {
    const others = patchesOf((await pair.getOthers(query)).text)
    expect(Object.keys(others)).toEqual([samePatch])
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(anythingAt(query), async (bytes) => {
        const { counted, text } = await readWith(query, bytes)
        seen.add(counted)
        const patches = patchesOf(text)
        expect(Object.keys(patches)).toContain(samePatch)
        for (const [id, patch] of Object.entries(patches)) {
          const { [pair.names.bad]: own, ...regions } = patch.regions
          const known = id === samePatch ? others[id] : undefined
          expect(regions).toEqual(known?.regions ?? {})
          if (known === undefined) expect(own).toBeDefined()
          else expect(metadataOf(patch)).toEqual(metadataOf(known))
        }
      }),
      { seed: 7, numRuns: 40 },
    )
    expect(seen).toContain('fresh')
    expect(seen.size).toBeGreaterThan(1)
  },
)
