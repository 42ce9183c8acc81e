import { generation } from '../release.ts'
import { Crash } from '../refusal.ts'
import type { RegionState, SimPatch } from '../state.ts'

export function patchById(state: RegionState, id: string): SimPatch | undefined {
  return state.patches.find((patch) => patch.id === id)
}

export function doesNotExist(state: RegionState, ids: readonly string[]): string {
  return ids.map((id) => (patchById(state, id) ? '' : `Patch ${id} does not exist\n`)).join('')
}

/**
 * Which patches a call means, the newest first. Up to stx 6 those that it names; since 7, of several, the one
 * with the longest chain and that whole chain (patching.md §6). Undefined: they are of different versions.
 */
export function meantBy(state: RegionState, ids: readonly string[]): SimPatch[] | undefined {
  const named = [...new Set(ids)].sort().flatMap((id) => patchById(state, id) ?? [])
  if (generation(state.release) <= 6 || named.length === 1) return named
  if (named.some((patch) => patch.swVersion !== named[0]?.swVersion)) return undefined
  const chains = named.map((patch) => ({ patch, chain: chainOf(state, patch) }))
  const longest = chains.reduce<{ patch: SimPatch; chain: SimPatch[] } | undefined>(
    (most, each) => (each.chain.length > (most?.chain.length ?? 0) ? each : most),
    undefined,
  )
  // Upstream adds None to None (recording crash-apply-two-no-dependency).
  if (!longest) throw new Crash('none of them depends on another')
  return [longest.patch, ...longest.chain]
}

/** What a patch needs, and what that needs, the nearest first. */
export function chainOf(state: RegionState, patch: SimPatch): SimPatch[] {
  const found = new Set<SimPatch>()
  const visit = (each: SimPatch) => {
    for (const id of each.requires) {
      const required = patchById(state, id)
      if (!required || found.has(required)) continue
      found.add(required)
      visit(required)
    }
  }
  visit(patch)
  return [...found]
}
