import type { RegionState } from '../state.ts'
import { patchstateOf } from '../state.ts'
import { chainOf, patchById } from './order.ts'

/** `commit` and `commit_dry_run`: the patches and all they need, for good. They have no `warning`. */
export function commit(
  state: RegionState,
  ids: readonly string[],
  dry: boolean,
): { info: string; error: string } {
  const unreleased = state.patches.filter((patch) => patch.status !== 'REL').map(({ id }) => id)
  if (unreleased.length > 0) {
    return no('A commit cannot be performed with non-REL status patches in the system:\n', unreleased)
  }
  const unknown = [...ids].sort().filter((id) => !patchById(state, id))
  if (unknown.length > 0) return { info: '', error: unknown.map((id) => `${id} is unrecognized\n`).join('') }
  const named = ids.flatMap((id) => patchById(state, id) ?? [])
  const all = [...new Set(named.flatMap((patch) => [patch, ...chainOf(state, patch)]))]
  const loose = all.filter((patch) => !['Applied', 'Committed'].includes(patchstateOf(patch, state)))
  if (loose.length > 0) {
    const sorted = loose.map(({ id }) => id).sort()
    return no('The following patches are not applied and cannot be committed:\n', sorted)
  }
  if (dry)
    return { info: `This commit operation would free ${(all.length * 0.02).toFixed(2)} MiB`, error: '' }
  for (const patch of all) patch.repostate = 'Committed'
  return { info: 'The patches have been committed.', error: '' }
}

function no(reason: string, ids: readonly string[]): { info: string; error: string } {
  return { info: '', error: reason + ids.map((id) => `    ${id}\n`).join('') }
}
