import type { Deployment, Host, Release } from './facts.ts'

export type JsonObject = { readonly [key: string]: unknown }

/**
 * A region's records as bytes, `region_name` spliced into each, joined by commas: ready to be laid into a
 * merged array without being serialised again.
 */
export interface Piece {
  readonly bytes: Buffer
  /** The same bytes with a comma before them, for every place in a list but the first. */
  readonly following: Buffer
  /** Where record i begins in `bytes`, and where its own fields begin after the spliced ones. */
  readonly starts: Uint32Array
  readonly bodies: Uint32Array
  readonly ends: Uint32Array
  /** False when some key is spelt with escapes that it could do without: fields can then be added only by parsing the record. */
  readonly plainKeys: boolean
}

interface Reading {
  readonly dialect: string
  /** The answer as received: the next one is compared with it. */
  readonly body: Buffer
}

/** An answer that is a list; item i is the normalised record i. */
export interface RecordsReading<Item> extends Reading {
  readonly piece: Piece
  readonly items: readonly Item[]
}

/** Patching's `query`: patches by id, in the region's order; item i is the normalised patch i. */
export interface PatchesReading extends Reading {
  readonly patches: ReadonlyMap<string, JsonObject>
  readonly items: readonly Release[]
}

/** An answer that is one object, or null where the region says that there is none. */
export interface ObjectReading extends Reading {
  readonly value: JsonObject | null
}

/** Everything that can be read from a region, and what an answer to it is. */
export interface Readings {
  release: RecordsReading<Release>
  deploy: RecordsReading<Deployment>
  deploy_host: RecordsReading<Host>
  software_upgrade: ObjectReading
  in_sync_controller: ObjectReading
  query: PatchesReading
  query_hosts: RecordsReading<Host>
  show: ObjectReading
}
export type Resource = keyof Readings

/** One thing to read: a resource, and the patch id for `show`. */
export interface Want<R extends Resource = Resource> {
  readonly resource: R
  readonly id?: string
}
