import { layList, layRecords } from '../src/fleet/lay.ts'
import type { Readings } from '../src/model/reading.ts'
import type { Region } from '../src/model/region.ts'
import { parseJson } from '../src/upstream/json.ts'
import { toReading } from '../src/upstream/readings.ts'
import { regionName, releaseBody } from './bodies.ts'
import { medianOf, ratioOf, timed, type Ratio } from './ratio.ts'

/** Merging many regions' release lists: from pieces, against parsing and stringifying the same bodies. */
export function benchMerge({ regions: count, rounds }: { regions: number; rounds: number }): Ratio[] {
  const regions = Array.from({ length: count }, (_, i): Region => {
    const name = regionName(i)
    return { name, subcloud: name, keystoneRegion: name, endpoints: {}, credentials: 'none', labels: {} }
  })
  const bodies = regions.map((_, i) => releaseBody(i, 20))
  const megabytes = bodies.reduce((sum, body) => sum + body.length, 0) / 1e6

  const ingestAll = (): Readings['release'][] =>
    regions.map((region, i) => {
      const body = bodies[i] ?? Buffer.alloc(0)
      const call = 'GET /v1/release'
      const value = parseJson(body, call)
      const dialect = 'usm-stx10'
      return toReading.release({ regionName: region.name, dialect, body, json: body, value, call, id: '' })
    })
  const naive = (): Buffer =>
    Buffer.from(
      JSON.stringify(
        regions.flatMap(({ name }, i) =>
          (JSON.parse((bodies[i] ?? '').toString()) as object[]).map((record) => ({
            region_name: name,
            ...record,
          })),
        ),
      ),
    )
  const readings = ingestAll()
  const lay = (): readonly Buffer[] =>
    layList(
      '[',
      readings.map(({ piece }, i) => layRecords(regions[i] as Region, piece, undefined, [])),
      ']',
    )

  const laid = Buffer.concat(lay())
  if (JSON.stringify(JSON.parse(laid.toString())) !== naive().toString())
    throw new Error('the two merges differ')

  const times = { lay: [] as number[], ingest: [] as number[], naive: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    times.naive.push(timed(naive))
    times.ingest.push(timed(ingestAll))
    // One laying is too short to time: a hundred of them.
    times.lay.push(timed(() => Array.from({ length: 100 }, lay)) / 100)
  }
  const what = `${count} regions × 20 releases, ${megabytes.toFixed(1)} MB`
  const ms = (of: readonly number[]): string => `${medianOf(of).toFixed(2)} ms`
  return [
    ratioOf(
      'merge from pieces, against parse + stringify (times faster)',
      { atLeast: 1000 },
      times.naive.map((time, i) => time / (times.lay[i] ?? NaN)),
      `${what}: ${ms(times.lay)} against ${ms(times.naive)}`,
    ),
    ratioOf(
      'ingest of changed bodies (validate + splice), against parse + stringify',
      { atMost: 0.4 },
      times.ingest.map((time, i) => time / (times.naive[i] ?? NaN)),
      `${what}: ${ms(times.ingest)} against ${ms(times.naive)}`,
    ),
  ]
}
