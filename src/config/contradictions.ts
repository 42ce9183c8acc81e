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
  discovery: z
    .array(
      z
        .object({
          kind: z.string().optional().catch(undefined),
          url: z.string().optional().catch(undefined),
          keystone: z.string().optional().catch(undefined),
          credentials: z.string().optional(),
          region_credentials: z.string().optional(),
        })
        .catch({}),
    )
    .optional()
    .catch([]),
  auth: z
    .looseObject({
      keystone: z.looseObject({ credentials: z.string().optional() }).optional().catch(undefined),
    })
    .optional()
    .catch({}),
  credentials_for: z
    .array(z.object({ credentials: z.string().optional() }).catch({}))
    .optional()
    .catch([]),
  baseline: z.looseObject({ region_name: z.string().optional() }).optional().catch({}),
})

/** What the schema can't see in one value: told beside the schema's own mistakes, not after them. */
export function contradictions(value: unknown): Mistake[] {
  const parsed = outline.safeParse(value)
  if (!parsed.success) return []
  const { regions, credentials, baseline, auth, discovery = [], credentials_for = [] } = parsed.data
  const mistakes: Mistake[] = discovery.flatMap(({ credentials: own }, i) =>
    own === 'none'
      ? [{ path: ['discovery', i, 'credentials'], message: 'no source answers without a login' }]
      : [],
  )
  const ofCallers = auth?.keystone?.credentials
  if (ofCallers === 'none') {
    const message = 'Keystone tells nobody about tokens who has not logged in'
    mistakes.push({ path: ['auth', 'keystone', 'credentials'], message })
  }
  const needed = [
    { path: ['auth', 'keystone', 'credentials'], name: ofCallers },
    ...discovery.flatMap(({ credentials: own, region_credentials: ofRegions }, i) => [
      { path: ['discovery', i, 'credentials'], name: own },
      { path: ['discovery', i, 'region_credentials'], name: ofRegions },
    ]),
    ...credentials_for.map(({ credentials: name }, i) => ({
      path: ['credentials_for', i, 'credentials'],
      name,
    })),
  ]
  const sources = new Map<string, number>()
  for (const [i, { kind, url, keystone }] of discovery.entries()) {
    const at = (kind === 'dcmanager' ? url : keystone) ?? ''
    if (!URL.canParse(at)) continue
    const source = `${kind} ${new URL(at).origin}`
    const first = sources.get(source)
    if (first === undefined) sources.set(source, i)
    else mistakes.push({ path: ['discovery', i], message: `discovery.${first} is this source already` })
  }
  for (const { path, name } of needed) {
    if (name === undefined || name === 'none' || Object.hasOwn(credentials ?? {}, name)) continue
    mistakes.push({ path, message: `credentials has no "${name}"` })
  }
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
  // A region that is found, not listed, may be the baseline too.
  if (baseline?.region_name !== undefined && discovery.length === 0 && !names.has(baseline.region_name)) {
    mistakes.push({ path: ['baseline', 'region_name'], message: 'no region has this name' })
  }
  return mistakes
}
