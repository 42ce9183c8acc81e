import type { Region } from '../../model/region.ts'
import type { Field } from './fields.ts'

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

/** A version as regions write it; null for what they write when they do not know. */
export function versionOf(text: string | null | undefined): string | null {
  return text === undefined || text === null || text === 'unknown' ? null : text
}
