import type { Region } from '../../model/region.ts'
import { ageAt, type Field } from './fields.ts'

/** How each row of a list says which region it is of. */
export function regionColumns<Row>(regionOf: (row: Row) => Region): readonly Field<Row>[] {
  return [
    {
      name: 'region_name',
      type: 'string',
      about: 'The identity of the region.',
      get: (row) => regionOf(row).name,
    },
    {
      name: 'subcloud_name',
      type: 'string',
      about: 'What operators call the region.',
      get: (row) => regionOf(row).subcloud,
    },
    {
      name: 'labels',
      type: 'labels',
      onRequest: true,
      about: "The inventory's labels of the region.",
      get: (row) => regionOf(row).labels,
    },
  ]
}

/** How each row of a list says how old it is. */
export function ageColumns<Row>(
  toldOf: (row: Row) => { readonly observedAt: number; readonly stale: boolean },
): readonly Field<Row>[] {
  return [
    {
      name: 'age_s',
      type: 'number',
      about: 'Seconds since the region told this.',
      get: (row, at) => ageAt(at, toldOf(row).observedAt),
    },
    {
      name: 'stale',
      type: 'boolean',
      about: 'It is from a last good answer: the region did not give a younger one.',
      get: (row) => toldOf(row).stale,
    },
  ]
}

/** A version as regions write it; null for what they write when they do not know. */
export function versionOf(text: string | null | undefined): string | null {
  return text === undefined || text === null || text === 'unknown' ? null : text
}
