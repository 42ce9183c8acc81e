import { releaseFilter, type ReleaseFilter } from '../fleet/filter.ts'
import { extraFields, layList, layRecords, type Chunks } from '../fleet/lay.ts'
import { mergeContents, mergePatches } from '../fleet/merge-patches.ts'
import type { ReadCall } from '../model/calls.ts'
import type { Outcome } from '../model/outcome.ts'
import type { ObjectReading, PatchesReading, Readings, RecordsReading } from '../model/reading.ts'
import type { Release } from '../model/facts.ts'
import type { Region } from '../model/region.ts'

/** One region's answer that is served, fresh or stale. */
export interface Part<T> {
  readonly region: Region
  readonly reading: T
}

export interface Request {
  readonly call: ReadCall
  /** The id in the path, else empty. */
  readonly id: string
  readonly filter: ReleaseFilter
  readonly extra: readonly string[]
  /** The one-region shape: the documented one, instead of a merged one. */
  readonly sole: boolean
}

/** The regions' answers as one body; undefined where the thing asked for is nowhere among them. */
export function render(
  request: Request,
  parts: readonly Part<Readings[keyof Readings]>[],
): Chunks | undefined {
  const { shape } = request.call
  switch (shape.kind) {
    case 'array':
      return renderRecords(request, parts as readonly Part<RecordsReading<Release>>[], '[', ']')
    case 'wrapped':
      return renderRecords(
        request,
        parts as readonly Part<RecordsReading<Release>>[],
        `{"${shape.key}":[`,
        ']}',
      )
    case 'record':
      return renderRecord(request, parts as readonly Part<Readings['release']>[])
    case 'flag':
      return renderFlags(request, parts as readonly Part<Readings['release']>[], shape)
    case 'objects':
      return renderObjects(request, parts as readonly Part<ObjectReading>[])
    case 'patches':
      return renderPatches(request, parts as readonly Part<PatchesReading>[])
    case 'contents':
      return renderContents(request, parts as readonly Part<ObjectReading>[])
  }
}

/** Outcomes that hold an answer, with their regions. */
export function partsOf<T>(regions: readonly Region[], outcomes: readonly Outcome<T>[]): Part<T>[] {
  const parts: Part<T>[] = []
  for (const [i, outcome] of outcomes.entries()) {
    const region = regions[i]
    if (region && 'reading' in outcome) parts.push({ region, reading: outcome.reading })
  }
  return parts
}

function renderRecords(
  { call, filter, extra }: Request,
  parts: readonly Part<RecordsReading<Release>>[],
  open: string,
  close: string,
): Chunks {
  const keep = call.resource === 'release' ? releaseFilter(filter) : undefined
  return layList(
    open,
    parts.map(({ region, reading: { piece, items } }) =>
      layRecords(region, piece, keep && ((i) => items[i] !== undefined && keep(items[i])), extra),
    ),
    close,
  )
}

function renderRecord(
  { id, extra, sole }: Request,
  parts: readonly Part<Readings['release']>[],
): Chunks | undefined {
  const found = parts
    .map(({ region, reading: { piece, items } }) => {
      const index = items.findIndex((release) => release.id === id)
      return index === -1 ? { chunks: [] } : layRecords(region, piece, (i) => i === index, extra)
    })
    .filter(({ chunks }) => chunks.length > 0)
  if (found.length === 0) return undefined
  return sole ? found[0]?.chunks : layList('[', found, ']')
}

function renderFlags(
  { id, extra, sole }: Request,
  parts: readonly Part<Readings['release']>[],
  { field, state }: { readonly field: string; readonly state: string },
): Chunks | undefined {
  const flags = parts.map(({ region, reading }) => ({
    region,
    flag: reading.items.some((release) => release.id === id && release.native_state === state),
  }))
  if (sole) return flags[0] && json(flags[0].flag)
  return json(
    flags.map(({ region, flag }) => ({
      region_name: region.name,
      ...extraFields(region, extra),
      [field]: flag,
    })),
  )
}

function renderObjects(
  { extra, sole }: Pick<Request, 'extra' | 'sole'>,
  parts: readonly Part<ObjectReading>[],
): Chunks | undefined {
  const objects = parts.map(
    ({ region, reading: { value } }) =>
      value && { ...value, region_name: region.name, ...extraFields(region, extra) },
  )
  if (sole) return objects[0] === undefined ? undefined : json(objects[0])
  return json(objects.filter((object) => object !== null))
}

function renderPatches({ filter, extra, sole }: Request, parts: readonly Part<PatchesReading>[]): Chunks {
  const keep = releaseFilter(filter)
  const [only] = parts
  if (sole && only) {
    const { region, reading } = only
    const patches = reading.items
      .filter((patch) => keep === undefined || keep(patch))
      .map(({ id }) => [
        id,
        { ...reading.patches.get(id), region_name: region.name, ...extraFields(region, extra) },
      ])
    return json({ pd: Object.fromEntries(patches) as unknown })
  }
  const all = parts.map(({ region, reading }) => ({
    regionName: region.name,
    reading,
    extra: extraFields(region, extra),
  }))
  return json(mergePatches(all, keep))
}

function renderContents(
  { id, extra, sole }: Request,
  parts: readonly Part<ObjectReading>[],
): Chunks | undefined {
  if (sole) return renderObjects({ extra, sole }, parts)
  const all = parts.flatMap(({ region, reading: { value } }) =>
    value === null ? [] : [{ regionName: region.name, value, extra: extraFields(region, extra) }],
  )
  const merged = mergeContents(id, all)
  return merged && json(merged)
}

function json(value: unknown): Chunks {
  return [Buffer.from(JSON.stringify(value))]
}
