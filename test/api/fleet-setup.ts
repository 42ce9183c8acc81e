import type { Caller } from '../../src/api/caller.ts'
import { backgroundResources } from '../../src/model/calls.ts'
import type { Region } from '../../src/model/region.ts'
import type { Play } from '../support/fleet-answers.ts'
import { answers, fails, type Played } from '../support/fleet-answers.ts'
import { createTestGateway, type GetOptions, type TestGateway } from '../support/fleet-gateway.ts'

/** An answer of `/fleet/v1/`. */
export interface FleetList {
  readonly items: readonly Readonly<Record<string, unknown>>[]
  readonly next_page_token: string | null
  readonly total: number
  readonly meta: {
    readonly snapshot: string
    readonly complete: boolean
    readonly regions: Readonly<Record<string, number>>
    readonly reasons: Readonly<Record<string, number>>
    readonly freshness: Readonly<Record<string, unknown>>
    readonly details?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  }
}

export interface FilledGateway extends TestGateway {
  /** Below `/fleet/v1/`. */
  readonly list: (path: string, options?: GetOptions) => Promise<FleetList>
  /** Asks every region everything anew, and lets a second pass: one view serves for that long. */
  readonly refresh: () => Promise<void>
}

/** What a region answers to each resource; an empty list where it says nothing. */
export type Says = Readonly<Record<string, unknown>>

/** Regions that play `says`, asked once. */
export async function createFilledGateway(
  regions: readonly Region[],
  play: Play,
  callers: Readonly<Record<string, Caller>> = {},
): Promise<FilledGateway> {
  const gateway = createTestGateway(regions, play, callers)
  const refresh = async (): Promise<void> => {
    for (const region of regions) {
      for (const { resource } of backgroundResources) {
        await gateway.snapshots.read(region, { resource }, { maxAge: 0, sole: true })
      }
    }
    gateway.clock.pass(1_000)
  }
  await refresh()
  return {
    ...gateway,
    refresh,
    list: (path, options) => gateway.read(`/fleet/v1/${path}`, options) as Promise<FleetList>,
  }
}

/** A play by region name: what each answers to `release`, `query_hosts`, …; `dark` ones don't. */
export function playOf(says: Readonly<Record<string, Says | 'dark'>>): Play {
  return ({ name }, { resource }): Played => {
    const own = says[name]
    if (own === 'dark' || own === undefined) return fails('timeout', 'no connection within 3 s')
    const empty = resource === 'query' ? { pd: {} } : resource === 'query_hosts' ? { data: [] } : []
    return answers(own[resource] ?? empty)
  }
}
