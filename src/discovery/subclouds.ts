import { isIP } from 'node:net'
import type { JsonObject } from '../model/reading.ts'
import type { Region } from '../model/region.ts'
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

/** Patching ended with stx 11. */
const firstWithoutPatching = [26, 3]
const regionName = /^[^\p{Cc}\s,*/?#%\\]{1,255}$/u

/**
 * The regions in dcmanager's `GET /v1.0/subclouds`. An entry also holds passwords of the hardware: only the fields named
 * here are ever looked at, and no note repeats a value but the subcloud's name. Throws `malformed` for another shape.
 */
export function regionsOfSubclouds(body: unknown, groups: unknown, options: SubcloudOptions): Found {
  const list = isObject(body) ? field(body, 'subclouds') : undefined
  if (!Array.isArray(list)) throw new UpstreamError('malformed', 'GET /subclouds: no list of subclouds')
  const groupNames = namesOfGroups(groups)
  const regions = new Map<string, Region>()
  const notes: string[] = []
  for (const [i, entry] of list.entries()) {
    const region = isObject(entry) ? toRegion(entry, groupNames, options) : 'not an object'
    if (typeof region === 'string') notes.push(`subcloud ${nameOf(entry) ?? `number ${i + 1}`}: ${region}`)
    else if (regions.has(region.name)) {
      const first = regions.get(region.name)?.subcloud ?? ''
      notes.push(`subcloud ${region.subcloud}: ${first} has its region name already; only ${first} is asked`)
    } else regions.set(region.name, region)
  }
  return { regions: [...regions.values()], notes }
}

/** The region, or why the entry is none. */
function toRegion(
  entry: JsonObject,
  groups: ReadonlyMap<number, string>,
  options: SubcloudOptions,
): Region | string {
  const name = text(entry, 'region-name')
  const subcloud = text(entry, 'name')
  const ip = text(entry, 'management-start-ip')
  if (name === undefined || !regionName.test(name)) return 'no usable region-name'
  if (subcloud === undefined || !regionName.test(subcloud)) return 'no usable name'
  if (ip === undefined || isIP(ip) === 0) return 'no management-start-ip'
  const version = text(entry, 'software-version')
  const group = groups.get(Number(field(entry, 'group_id')))
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
    credentials: options.credentialsFor(labels),
    labels,
    ...(field(entry, 'management-state') === 'unmanaged' && { unmanaged: true }),
    ...(field(entry, 'availability-status') === 'offline' && { offline: true }),
  }
}

function namesOfGroups(body: unknown): ReadonlyMap<number, string> {
  const list = isObject(body) ? field(body, 'subcloud_groups') : undefined
  const names = new Map<number, string>()
  for (const group of Array.isArray(list) ? (list as unknown[]) : []) {
    if (!isObject(group)) continue
    const name = text(group, 'name')
    if (name !== undefined) names.set(Number(field(group, 'id')), name)
  }
  return names
}

function nameOf(entry: unknown): string | undefined {
  const name = isObject(entry) ? text(entry, 'name') : undefined
  return name !== undefined && regionName.test(name) ? name : undefined
}

function text(entry: JsonObject, key: string): string | undefined {
  const value = field(entry, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}
