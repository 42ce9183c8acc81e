import { createDirectory } from '../src/fleet/directory.ts'
import { createHostHistory } from '../src/fleet/host-history.ts'
import { createSnapshots } from '../src/fleet/snapshots.ts'
import { createView, type TakeView } from '../src/fleet/view.ts'
import { serviceOf } from '../src/model/calls.ts'
import type { Host } from '../src/model/facts.ts'
import type { Resource } from '../src/model/reading.ts'
import type { Region } from '../src/model/region.ts'
import { toReading } from '../src/upstream/readings.ts'
import { regionName } from './bodies.ts'

/** What is held of many regions, without anybody who was asked: 8 releases, 2 patches and 12 hosts each. */
export interface FilledFleet {
  readonly view: TakeView
  readonly labels: readonly string[]
  readonly retryAt: (region: Region) => number | undefined
  /** Every region answers everything anew, and the same. */
  readonly refresh: () => Promise<void>
}

const releases = Array.from({ length: 8 }, (_, i) => ({
  release_id: `starlingx-24.09.${i}`,
  state: 'deployed',
  sw_version: `24.09.${i}`,
  reboot_required: false,
}))
const patch = {
  sw_version: '22.12',
  patchstate: 'Applied',
  repostate: 'Applied',
  reboot_required: 'N',
  requires: [],
}
const hosts = Array.from({ length: 12 }, (_, i) => ({
  hostname: `compute-${i}`,
  nodetype: 'worker',
  sw_version: '22.12',
  patch_current: true,
  patch_failed: false,
  stale_details: false,
  interim_state: false,
  requires_reboot: false,
  secs_since_ack: 12,
  state: 'idle',
}))
const bodies: Readonly<Partial<Record<Resource, Buffer>>> = {
  release: Buffer.from(JSON.stringify(releases)),
  deploy: Buffer.from('[]'),
  deploy_host: Buffer.from('[]'),
  query: Buffer.from(JSON.stringify({ pd: { P1: patch, P2: patch } })),
  query_hosts: Buffer.from(JSON.stringify({ data: hosts })),
}

export async function filledFleet(count: number): Promise<FilledFleet> {
  const regions = Array.from({ length: count }, (_, i): Region => {
    const name = regionName(i)
    const endpoints = { usm: new URL('http://usm.invalid'), patching: new URL('http://patching.invalid') }
    const labels = { site: `site-${i % 50}`, group: `group-${i % 5}` }
    return { name, subcloud: name, keystoneRegion: name, endpoints, credentials: 'none', labels }
  })
  const history = createHostHistory()
  const snapshots = createSnapshots({
    async ask(region, want, previous) {
      const body = bodies[want.resource] ?? Buffer.from('null')
      if (previous?.body.equals(body)) return { status: 'answered', reading: previous }
      const dialect = serviceOf(want.resource) === 'usm' ? 'usm-stx10' : 'patching-ostree'
      const value = JSON.parse(body.toString()) as unknown
      const of = { regionName: region.name, dialect, body, json: body, value, call: want.resource, id: '' }
      return { status: 'answered', reading: toReading[want.resource](of) }
    },
    now: Date.now,
    random: Math.random,
    onReading(region, want, reading, observedAt) {
      if (want.resource !== 'query_hosts' || !('items' in reading)) return
      history.observe(region.name, reading.items as readonly Host[], observedAt)
    },
  })
  const refresh = async (): Promise<void> => {
    for (const region of regions) {
      for (const resource of Object.keys(bodies) as Resource[]) {
        await snapshots.read(region, { resource }, { maxAge: 0 })
      }
    }
  }
  await refresh()
  const directory = createDirectory(regions)
  const view = createView({
    directory: () => directory,
    snapshots,
    hosts: history,
    baseline: () => ({ release_ids: ['starlingx-24.09.3'] }),
    maxAge: () => 3_600_000,
    now: Date.now,
  })
  return { view, labels: ['site', 'group'], retryAt: (region) => snapshots.retryAt(region), refresh }
}
