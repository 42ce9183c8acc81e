import type { Directory } from '../fleet/directory.ts'
import { select, type Scope, type Selected } from '../fleet/select.ts'
import type { Region } from '../model/region.ts'
import { atLeast, type Caller } from './caller.ts'
import { bad, type CommonQuery } from './parameters.ts'
import { printable, Problem } from './problem.ts'

/** The regions that a query is about. */
export interface SelectedFor {
  readonly selected: Selected
  /** Regions that must be fresh, with the name that each was asked for by. */
  readonly required: ReadonlyMap<Region, string>
}

/** Throws a 404 `Problem` for a name that nobody has or this caller may not see. */
export function selectFor(directory: Directory, query: CommonQuery, scope: Scope): SelectedFor {
  const required = new Map<Region, string>()
  const selected = select(directory, scope, query.selection)
  const [unknown] = selected.unknown
  if (unknown !== undefined) throw unknownRegion(unknown)
  const among = new Set(selected.regions)
  for (const name of query.require) {
    const named = directory.named(name, scope)
    if (named.length === 0) throw unknownRegion(name)
    if (!named.every((region) => among.has(region))) {
      throw bad('require', `"${printable(name)}" is not among the selected regions`)
    }
    for (const region of named) required.set(region, name)
  }
  return { selected, required }
}

/** Nobody has this name, or this caller may not see who has it. */
export function unknownRegion(name: string): Problem {
  return new Problem(404, 'unknown-region', `no region is called "${printable(name)}"`)
}

/** Throws a 403 `Problem`: a small `max_age` costs each region an ask. `minAge` in ms. */
export function refuseYounger({ maxAge }: CommonQuery, minAge: number, caller: Caller): void {
  if (maxAge === undefined || maxAge >= minAge || atLeast(caller.role, 'operator')) return
  throw new Problem(403, 'forbidden', `max_age below ${minAge / 1000} s needs the role operator`)
}
