import type { Answer } from '../answers/answer.ts'
import { jsonAnswer } from '../answers/answer.ts'
import { negotiatedError } from '../answers/negotiation.ts'
import type { SimRequest } from '../answers/request.ts'
import { segmentsOf } from '../answers/request.ts'
import { hasRole } from '../keystone/guard.ts'
import type { Verdict } from '../keystone/guard.ts'
import type { SimKeystone } from '../keystone/keystone.ts'
import { createRandom } from '../random.ts'
import type { SimRegion } from '../region/region.ts'
import type { Subcloud } from './subcloud.ts'
import { newSubcloud, sqlTime, subcloudRecord, syncRecord } from './subcloud.ts'

/** What the list of subclouds holds, whatever is so. */
export const listings = ['whole', 'empty', 'half', 'duplicates'] as const
export type Listing = (typeof listings)[number]

/** The dcmanager of a system controller. */
export interface Dcmanager {
  answer(request: SimRequest): Answer
  rows(): readonly Subcloud[]
  add(region: SimRegion): Subcloud
  remove(region: SimRegion): void
  /** The row of a region; throws a sentence where it has none. */
  row(region: SimRegion): Subcloud
  /** Notes the time of a change, and knows a new group. */
  touched(row: Subcloud): void
  setListing(listing: Listing): void
}

export interface DcmanagerContext {
  readonly seed: number
  readonly keystone: SimKeystone
  readonly check: (request: SimRequest) => Verdict
  readonly now: () => number
}

export function createDcmanager({ seed, keystone, check, now }: DcmanagerContext): Dcmanager {
  let rows: Subcloud[] = []
  let lastId = 0
  let listing: Listing = 'whole'
  const groups = ['Default']
  const startedAt = sqlTime(now())

  const groupId = (name: string) => {
    if (!groups.includes(name)) groups.push(name)
    return groups.indexOf(name) + 1
  }
  const record = (row: Subcloud) => subcloudRecord(row, groupId(row.group))
  const listed = (): Record<string, unknown>[] => {
    const whole = rows.map((row) => ({ ...record(row), ...syncRecord(row) }))
    if (listing === 'empty') return []
    if (listing === 'half') return whole.slice(0, Math.floor(whole.length / 2))
    const [first, second] = whole
    if (listing === 'whole' || !first) return whole
    // A cloned subcloud: its own name and address, the region name of another one.
    const address = { 'management-start-ip': (second ?? first)['management-start-ip'] }
    return [...whole, { ...first, ...address, id: lastId + 1, name: `${String(first['name'])}-clone` }]
  }
  const groupRecord = (name: string) => ({
    id: groupId(name),
    name,
    description: name === 'Default' ? 'Default Subcloud Group' : `Subclouds ${name}`,
    update_apply_type: 'parallel',
    max_parallel_subclouds: name === 'Default' ? 2 : 100,
    'created-at': startedAt,
    'updated-at': null,
    subcloud_count: rows.filter((row) => row.group === name).length,
  })

  const answered = (request: SimRequest, refuse: (status: number, detail: string) => Answer): Answer => {
    const [version, resource, reference, part, ...rest] = segmentsOf(request)
    if (version !== 'v1.0' || rest.length > 0) return refuse(404, '')
    if (request.method !== 'GET') return refuse(405, '')
    if (resource === 'subclouds' && reference === undefined) return jsonAnswer({ subclouds: listed() })
    if (resource !== 'subcloud-groups') return refuse(404, '')
    if (reference === undefined) return jsonAnswer({ subcloud_groups: groups.map(groupRecord) })
    const group = groups.find((name, i) => name === reference || String(i + 1) === reference)
    if (group === undefined) return refuse(404, 'Subcloud Group not found')
    if (part === undefined) return jsonAnswer(groupRecord(group))
    const members = rows.filter((row) => row.group === group)
    return part === 'subclouds' ? jsonAnswer({ subclouds: members.map(record) }) : refuse(404, '')
  }

  return {
    answer(request) {
      const refuse = (status: number, detail: string) =>
        negotiatedError(status, request.headers['accept'], detail)
      // Its hook repeats the token that it refused, and knows no difference between a bad one and Keystone being down.
      if (check(request) !== 'good') {
        const token = request.headers['x-auth-token']
        const why = token === undefined ? 'Authentication required' : `Auth token is invalid: ${token}`
        return refuse(401, `Failed to validate access token: ${why}`)
      }
      return hasRole(keystone, ['reader', 'operator', 'configurator'])
        ? answered(request, refuse)
        : refuse(403, '')
    },
    rows: () => rows,
    add(region) {
      if (rows.some((row) => row.region === region)) throw new Error(`${region.plan().subcloud} is listed`)
      const random = createRandom(seed, `subcloud ${region.plan().name}`)
      const row = newSubcloud(++lastId, region, random, now())
      groupId(row.group)
      rows = [...rows, row]
      return row
    },
    remove(region) {
      rows = rows.filter((row) => row.region !== region)
    },
    row(region) {
      const found = rows.find((row) => row.region === region)
      if (!found) throw new Error(`dcmanager does not list ${region.plan().subcloud}`)
      return found
    },
    touched(row) {
      row.updatedAt = sqlTime(now())
      groupId(row.group)
    },
    setListing(next) {
      listing = next
    },
  }
}
