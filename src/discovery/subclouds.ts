import { isIP } from 'node:net'
import type { JsonObject } from '../model/reading.ts'
import { isRegionName, type Region } from '../model/region.ts'
import { compareVersions, parseVersion } from '../model/version.ts'
import { UpstreamError } from '../upstream/error.ts'
import { field, isObject } from '../upstream/json.ts'
import type { Found } from './source.ts'

export interface SubcloudOptions {
  /** `{ip}` stands for the management address, bracketed where it is IPv6. */
  readonly templates: { readonly keystone: string; readonly usm: string; readonly patching: string }
  /** The name of the credentials of a region with these labels. */
  readonly credentialsFor: (labels: Readonly<Record<string, string>>) => string
}

/** Regions as they were made before, by all that they are made of. */
export type KnownRegions = Map<string, Region>

/** Subcloud groups' names by their ids. */
export type GroupNames = ReadonlyMap<unknown, string>

/** Patching ended with stx 11. */
const firstWithoutPatching = [26, 3]

/**
 * The regions in dcmanager's `GET /v1.0/subclouds`. An entry also holds passwords of the hardware: only the fields named
 * here are ever looked at, and no note repeats a value but the subcloud's name. Throws `malformed` for another shape.
 * `known` is kept by the caller: a subcloud that did not change is the region that it was, since addresses of thousands
 * take their time.
 */
export function regionsOfSubclouds(
  body: unknown,
  groups: GroupNames,
  options: SubcloudOptions,
  known: KnownRegions = new Map(),
): Found {
  const list = isObject(body) ? field(body, 'subclouds') : undefined
  if (!Array.isArray(list)) throw new UpstreamError('malformed', 'GET /subclouds: no list of subclouds')
  const regions = new Map<string, Region>()
  const notes: string[] = []
  const before = new Map(known)
  known.clear()
  for (const [i, entry] of list.entries()) {
    const facts = isObject(entry) ? factsOf(entry, groups) : 'not an object'
    const region = typeof facts === 'string' ? facts : regionOf(facts)
    if (typeof region === 'string') notes.push(`subcloud ${nameOf(entry) ?? `number ${i + 1}`}: ${region}`)
    else if (regions.has(region.name)) {
      const first = regions.get(region.name)?.subcloud ?? ''
      notes.push(`subcloud ${region.subcloud}: ${first} has its region name already; only ${first} is asked`)
    } else regions.set(region.name, region)
  }
  return { regions: [...regions.values()], notes }

  function regionOf(facts: Facts): Region {
    const key = JSON.stringify(facts)
    const region = before.get(key) ?? toRegion(facts, options)
    known.set(key, region)
    return region
  }
}

/** All that a region is made of. */
interface Facts {
  readonly name: string
  readonly subcloud: string
  readonly ip: string
  readonly version: string | undefined
  readonly group: string | undefined
  readonly unmanaged: boolean
  readonly offline: boolean
}

/** The facts, or why the entry is no region. */
function factsOf(entry: JsonObject, groups: GroupNames): Facts | string {
  const name = text(entry, 'region-name')
  const subcloud = text(entry, 'name')
  const ip = text(entry, 'management-start-ip')
  if (!isRegionName(name)) return 'no usable region-name'
  if (!isRegionName(subcloud)) return 'no usable name'
  // With a zone (`fe80::1%eth0`) it is one, but no part of a URL.
  if (ip === undefined || isIP(ip) === 0 || ip.includes('%')) return 'no management-start-ip'
  return {
    name,
    subcloud,
    ip,
    version: text(entry, 'software-version'),
    group: groups.get(field(entry, 'group_id')),
    unmanaged: field(entry, 'management-state') === 'unmanaged',
    offline: field(entry, 'availability-status') === 'offline',
  }
}

function toRegion(facts: Facts, options: SubcloudOptions): Region {
  const { name, subcloud, ip, version, group, unmanaged, offline } = facts
  const labels = {
    ...(group !== undefined && { group }),
    ...(version !== undefined && { software_version: version }),
  }
  const at = (template: string): URL => new URL(template.replaceAll('{ip}', isIP(ip) === 6 ? `[${ip}]` : ip))
  const parsed = version === undefined ? undefined : parseVersion(version)
  const mayPatch = parsed === undefined || compareVersions(parsed, firstWithoutPatching) < 0
  return {
    name,
    subcloud,
    // A subcloud calls itself by its region name, in its own Keystone too.
    keystoneRegion: name,
    endpoints: {
      keystone: at(options.templates.keystone),
      usm: at(options.templates.usm),
      ...(mayPatch && { patching: at(options.templates.patching) }),
    },
    ...(mayPatch && { patchingGuessed: true }),
    credentials: options.credentialsFor(labels),
    labels,
    unmanaged,
    offline,
  }
}

/** The names in dcmanager's `GET /v1.0/subcloud-groups`, by id; undefined for another shape. */
export function namesOfGroups(body: unknown): GroupNames | undefined {
  const list = isObject(body) ? field(body, 'subcloud_groups') : undefined
  if (!Array.isArray(list)) return undefined
  const names = new Map<unknown, string>()
  for (const group of list as unknown[]) {
    const [id, name] = isObject(group) ? [field(group, 'id'), text(group, 'name')] : []
    if (typeof id === 'number' && name !== undefined) names.set(id, name)
  }
  return names
}

function nameOf(entry: unknown): string | undefined {
  const name = isObject(entry) ? text(entry, 'name') : undefined
  return isRegionName(name) ? name : undefined
}

function text(entry: JsonObject, key: string): string | undefined {
  const value = field(entry, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}
