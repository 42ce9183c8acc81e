import { z } from 'zod'

/** A mistake in a configuration, and where it is. */
export interface Mistake {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Just enough of a configuration, whatever else is wrong with it, to see what contradicts what. */
const outline = z.object({
  regions: z
    .array(
      z
        .object({
          region_name: z.string().optional().catch(undefined),
          credentials: z.string().catch('none'),
        })
        .catch({ region_name: undefined, credentials: 'none' }),
    )
    .optional()
    .catch([]),
  credentials: z.record(z.string(), z.unknown()).optional().catch({}),
  baseline: z.looseObject({ region_name: z.string().optional() }).optional().catch({}),
})

/** What the schema can't see in one value: told beside the schema's own mistakes, not after them. */
export function contradictions(value: unknown): Mistake[] {
  const parsed = outline.safeParse(value)
  if (!parsed.success) return []
  const { regions, credentials, baseline } = parsed.data
  const mistakes: Mistake[] = []
  const names = new Map<string, number>()
  for (const [i, region] of (regions ?? []).entries()) {
    if (region.credentials !== 'none' && !Object.hasOwn(credentials ?? {}, region.credentials)) {
      const message = `credentials has no "${region.credentials}"`
      mistakes.push({ path: ['regions', i, 'credentials'], message })
    }
    if (region.region_name === undefined) continue
    const first = names.get(region.region_name)
    if (first === undefined) names.set(region.region_name, i)
    else {
      const message = `regions.${first} has this name already: region_name is the identity of a region`
      mistakes.push({ path: ['regions', i, 'region_name'], message })
    }
  }
  if (baseline?.region_name !== undefined && !names.has(baseline.region_name)) {
    mistakes.push({ path: ['baseline', 'region_name'], message: 'no region has this name' })
  }
  return mistakes
}
