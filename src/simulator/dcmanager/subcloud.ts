import { randomBytes } from 'node:crypto'
import type { Random } from '../random.ts'
import type { SimRegion } from '../region/region.ts'
import { isDark } from '../region/listeners.ts'
import { releaseFacts } from '../region/release.ts'

/** What dcmanager's database holds of one subcloud; its name, version and address are the region's. */
export interface Subcloud {
  readonly id: number
  readonly region: SimRegion
  managed: boolean
  online: boolean
  group: string
  readonly createdAt: string
  updatedAt: string | null
  /** As a real list carries them: nobody who reads it may pass them on. */
  readonly bmcPassword: string
  readonly bootstrapPassword: string
}

/** A new row, managed; a region where nobody answers is known to be offline. */
export function newSubcloud(id: number, region: SimRegion, random: Random, now: number): Subcloud {
  const { labels, faults } = region.plan()
  const secret = () => Buffer.from(`not-a-real-one-${randomBytes(9).toString('hex')}`).toString('base64')
  return {
    id,
    region,
    managed: true,
    online: !(isDark(faults.usm) && isDark(faults.patching)),
    group: labels['group'] ?? 'Default',
    createdAt: sqlTime(now - random.between(30, 900) * 86_400_000),
    updatedAt: null,
    bmcPassword: secret(),
    bootstrapPassword: secret(),
  }
}

/** dcmanager's times: no T, no zone, UTC. */
export function sqlTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')}000`
}

/** The keys that every answer with subclouds has, in dcmanager's order and its two spellings. */
export function subcloudRecord(row: Subcloud, groupId: number): Record<string, unknown> {
  const { region } = row
  const { name, subcloud, labels } = region.plan()
  const host = region.host()
  const network = host.replace(/\.\d+$/, '')
  return {
    id: row.id,
    name: subcloud,
    description: `Subcloud ${subcloud}`,
    location: labels['site'] ?? null,
    'software-version': releaseFacts[region.state().release].version,
    'management-state': row.managed ? 'managed' : 'unmanaged',
    'availability-status': row.online ? 'online' : 'offline',
    'deploy-status': 'complete',
    'backup-status': null,
    'backup-datetime': null,
    'error-description': 'No errors present',
    'region-name': name,
    'management-subnet': `${network}.0/24`,
    'management-start-ip': host,
    'management-end-ip': `${network}.254`,
    'management-gateway-ip': `${network}.1`,
    'openstack-installed': false,
    'prestage-status': null,
    'prestage-versions': null,
    'systemcontroller-gateway-ip': '127.0.0.1',
    data_install: JSON.stringify({
      bmc_address: '192.0.2.10',
      bmc_username: 'root',
      bmc_password: row.bmcPassword,
      install_type: 2,
    }),
    data_upgrade: null,
    'created-at': row.createdAt,
    'updated-at': row.updatedAt,
    group_id: groupId,
    peer_group_id: null,
    rehome_data: JSON.stringify({
      saved_payload: { name: subcloud, sysadmin_password: row.bootstrapPassword },
    }),
  }
}

const endpointTypes = ['platform', 'identity', 'dc-cert', 'firmware', 'kubernetes', 'kube-rootca', 'software']

/** How the list says whether a subcloud is in sync: any endpoint that differs from the first makes it out-of-sync. */
export function syncRecord({ managed, online }: Subcloud): Record<string, unknown> {
  const statusOf = (type: string) => {
    if (!managed) return 'unknown'
    return online || type !== 'identity' ? 'in-sync' : 'out-of-sync'
  }
  const all = endpointTypes.map((type) => ({ endpoint_type: type, sync_status: statusOf(type) }))
  const first = all[0]?.sync_status
  const same = all.every(({ sync_status: status }) => status === first)
  return { sync_status: same ? first : 'out-of-sync', endpoint_sync_status: all }
}
