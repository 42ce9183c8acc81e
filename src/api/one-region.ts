import type { Directory } from '../fleet/directory.ts'
import type { Scope } from '../fleet/select.ts'
import type { JsonObject } from '../model/reading.ts'
import type { Region } from '../model/region.ts'
import { bad } from './parameters.ts'
import { printable, Problem } from './problem.ts'

/** Throws a 404 `Problem` for a region that nobody has or this caller may not see, a 409 for several. */
export function regionNamed(directory: Directory, scope: Scope, name: string): Region {
  const [only, ...others] = directory.named(name, scope)
  if (only === undefined) {
    throw new Problem(404, 'unknown-region', `no region is called "${printable(name)}"`)
  }
  if (others.length > 0) {
    const detail = `${others.length + 1} regions have the subcloud name "${printable(name)}": use a region name`
    throw new Problem(409, 'ambiguous-region', detail)
  }
  return only
}

/** The one region that a request on the fleet's door names, in its query or its body. Throws a `Problem`. */
export function oneRegion(
  directory: Directory,
  scope: Scope,
  query: URLSearchParams,
  body: JsonObject,
): Region {
  const inQuery = query.getAll('region_name')
  const inBody = body['region_name']
  const several = ['group', 'selector'].filter((name) => query.has(name))
  const named = [...inQuery, ...(inBody === undefined ? [] : [inBody])]
  const [name] = named
  if (several.length > 0 || inQuery.length > 1 || typeof name !== 'string' || /^$|[*,]/.test(name)) {
    throw bad('region_name', 'this call goes to one region: give its exact name, once')
  }
  const region = regionNamed(directory, scope, name)
  // What stand-alone clouds call themselves may be the name of another region: then it means that one.
  const means = (other: unknown): boolean => {
    const known = typeof other === 'string' ? directory.named(other, scope) : []
    return known.length > 0 ? known.includes(region) : other === region.keystoneRegion
  }
  if (!named.every(means)) {
    throw bad('region_name', 'the query and the body name different regions')
  }
  return region
}
