import { deployments } from './deployments.ts'
import { drift } from './drift.ts'
import { hosts } from './hosts.ts'
import { problems } from './problems.ts'
import { regionPage } from './region-page.ts'
import { regions } from './regions.ts'
import { releaseRegions, releases } from './releases.ts'
import type { Resource } from './resource.ts'
import { summary } from './summary.ts'

/** The fleet's own API as a table: routes, checks and documents are made from it. */
export const fleetResources: readonly Resource[] = [
  summary,
  regions,
  regionPage,
  hosts,
  releases,
  releaseRegions,
  deployments,
  drift,
  problems,
]

/** The resource that a path below `/fleet/v1/` is, and what stands in it for `{id}`. */
export function resourceAt(
  path: readonly string[],
): { readonly resource: Resource; readonly id: string } | undefined {
  for (const resource of fleetResources) {
    const wanted = resource.path.split('/')
    const fits =
      wanted.length === path.length && wanted.every((each, i) => each === '{id}' || each === path[i])
    if (fits) return { resource, id: path[wanted.indexOf('{id}')] ?? '' }
  }
  return undefined
}
