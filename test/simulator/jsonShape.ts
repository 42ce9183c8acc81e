/** For each place in a set of JSON values: the types seen there, and whether it was there every time. */
export type Shape = ReadonlyMap<string, Place>

interface Place {
  readonly types: Set<string>
  /** How often the place was found, and how often it could have been. */
  found: number
  possible: number
}

/** Objects whose keys are ids or names: their members count as one place. */
const maps = /(^|\.)(pd|sd|metadata|contents|metapackages|installed|duplicated_pkgs|x86_64)$/

/** The shape of several values taken together; with `rootIsMap`, the top level is such a map too. */
export function shapeOf(values: readonly unknown[], rootIsMap = false): Shape {
  const shape = new Map<string, Place>()
  for (const value of values) visit(shape, '', value, rootIsMap)
  for (const [path, place] of shape) place.possible = possible(shape, path)
  return shape
}

/** What `actual` has that `allowed` doesn't, and what it lacks although `allowed` always has it. */
export function differences(actual: Shape, allowed: Shape): string[] {
  const found: string[] = []
  for (const [path, { types }] of actual) {
    const place = allowed.get(path)
    if (!place) {
      found.push(`${path} is not in any recording`)
      continue
    }
    const strange = [...types].filter((type) => !place.types.has(type))
    if (strange.length > 0)
      found.push(`${path} is ${strange.join('|')}, recorded ${[...place.types].join('|')}`)
  }
  for (const [path, place] of allowed) {
    const optional = place.found < place.possible
    const parent = actual.get(parentOf(path))
    const parentIsObject = path === '' || parent?.types.has('object')
    if (!optional && parentIsObject && isMember(path) && !actual.has(path)) found.push(`${path} is missing`)
    const had = actual.get(path)
    if (had && isMember(path) && parent && had.found < parent.found && !optional) {
      found.push(`${path} is missing in some`)
    }
  }
  return found
}

/** What was recorded, places and types, and never said. */
export function missing(said: Shape, recorded: Shape): string[] {
  return [...recorded].flatMap(([path, { types }]) => {
    const unsaid = [...types].filter((type) => !said.get(path)?.types.has(type))
    return unsaid.length === 0 ? [] : [`${path} is never ${unsaid.join('|')}`]
  })
}

function visit(shape: Map<string, Place>, path: string, value: unknown, isMap: boolean): void {
  const place = shape.get(path) ?? { types: new Set<string>(), found: 0, possible: 0 }
  shape.set(path, place)
  place.types.add(typeName(value))
  place.found += 1
  if (Array.isArray(value)) for (const item of value) visit(shape, `${path}[]`, item, false)
  else if (value !== null && typeof value === 'object') {
    for (const [key, member] of Object.entries(value)) {
      const child = isMap ? `${path}{}` : `${path}.${key}`
      visit(shape, child, member, !isMap && maps.test(child))
    }
  }
}

function possible(shape: ReadonlyMap<string, Place>, path: string): number {
  return isMember(path) ? (shape.get(parentOf(path))?.found ?? 0) : 0
}

/** Members by name can be required; items and members of maps cannot. */
function isMember(path: string): boolean {
  return path !== '' && !path.endsWith('[]') && !path.endsWith('{}')
}

function parentOf(path: string): string {
  if (path.endsWith('[]') || path.endsWith('{}')) return path.slice(0, -2)
  return path.slice(0, path.lastIndexOf('.'))
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
