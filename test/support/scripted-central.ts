import type { CatalogEndpoint } from '../../src/upstream/keystone.ts'
import { createScriptedRegion, type RegionReply, type RegionRequest } from './scripted-region.ts'

/** A system controller that a test plays: Keystone and dcmanager on one address. */
export interface ScriptedCentral {
  readonly keystone: URL
  readonly dcmanager: URL
  readonly requests: readonly RegionRequest[]
  /** What it says from now on; a function decides anew each time. */
  readonly says: {
    catalog: readonly CatalogEndpoint[]
    /** A value is sent as JSON. */
    subclouds: unknown
    groups: unknown
    /** In place of the answer to each path that begins so. */
    instead: Map<string, RegionReply>
    password: string
  }
  close(): Promise<void>
}

export const password = 'the password of the fleet'

/** What a Keystone says of a caller's token: an admin. */
export const tokenOfAnna = {
  issued_at: '2026-11-21T22:27:53.000000Z',
  expires_at: '2036-11-21T23:27:53.000000Z',
  user: { id: 'u1', name: 'anna', domain: { id: 'default', name: 'Default' } },
  project: { id: 'p1', name: 'admin', domain: { id: 'default', name: 'Default' } },
  roles: [{ id: 'r1', name: 'admin' }],
  methods: ['password'],
}

export async function createScriptedCentral(): Promise<ScriptedCentral> {
  let logins = 0
  const says: ScriptedCentral['says'] = {
    catalog: [],
    subclouds: { subclouds: [] },
    groups: { subcloud_groups: [] },
    instead: new Map(),
    password,
  }
  const server = await createScriptedRegion((request) => {
    const { path } = request
    for (const [beginning, reply] of says.instead) if (path.startsWith(beginning)) return reply
    if (path === '/v3/auth/tokens') {
      const right = request.body.includes(JSON.stringify(says.password))
      return right ? granted(`token-${++logins}`, says.catalog) : json(401, { error: { code: 401 } })
    }
    if (request.headers['x-auth-token'] !== `token-${logins}`) return json(401, { error: { code: 401 } })
    if (path === '/v1.0/subclouds') return json(200, says.subclouds)
    if (path === '/v1.0/subcloud-groups') return json(200, says.groups)
    return json(404, {})
  })
  return {
    keystone: new URL(`${server.url}/v3`),
    dcmanager: new URL(`${server.url}/v1.0`),
    requests: server.requests,
    says,
    close: () => server.close(),
  }
}

/** An entry of dcmanager's list as stx 12 gives it, secrets included. */
export function subcloudEntry(n: number, more: Readonly<Record<string, unknown>> = {}): object {
  return {
    id: n,
    name: `subcloud-${n}`,
    description: 'a subcloud',
    location: 'somewhere',
    'software-version': '24.09',
    'management-state': 'managed',
    'availability-status': 'online',
    'deploy-status': 'complete',
    'backup-status': null,
    'error-description': 'No errors present',
    'region-name': `${n}`.padStart(32, '0'),
    'management-subnet': '10.1.0.0/24',
    'management-start-ip': `10.1.${Math.floor(n / 250)}.${(n % 250) + 2}`,
    'management-end-ip': '10.1.0.250',
    'openstack-installed': false,
    'systemcontroller-gateway-ip': '10.0.0.1',
    data_install: `{"bmc_password": "${secret}", "bmc_username": "root"}`,
    data_upgrade: null,
    'created-at': '2026-02-25 18:28:43.715335',
    'updated-at': null,
    group_id: 1,
    peer_group_id: null,
    rehome_data: { saved_payload: { sysadmin_password: secret } },
    sync_status: 'in-sync',
    endpoint_sync_status: [{ endpoint_type: 'software', sync_status: 'in-sync' }],
    ...more,
  }
}

/** Stands in each entry where upstream keeps passwords of the hardware. */
export const secret = 'Qk1DLXBhc3N3b3JkLW9mLXRoZS1lZGdl'

/** An endpoint of a catalog: `usm RegionOne admin` and where it is. */
export function endpoint(what: string, url: string): CatalogEndpoint {
  const [type = '', region = '', face = ''] = what.split(' ')
  return { type, region, interface: face, url }
}

function granted(token: string, catalog: readonly CatalogEndpoint[]): RegionReply {
  const described = {
    issued_at: '2026-11-21T22:27:53.000000Z',
    expires_at: '2026-11-21T23:27:53.000000Z',
    user: { name: 'fleet', password_expires_at: '2027-02-19T22:27:53.000000' },
    catalog: catalog.map(({ type, region, interface: face, url }) => ({
      type,
      name: type,
      endpoints: [{ interface: face, region, region_id: region, url }],
    })),
  }
  return json(201, { token: described }, [['X-Subject-Token', token]])
}

export function json(
  status: number,
  value: unknown,
  headers: readonly (readonly [string, string])[] = [],
): RegionReply {
  return {
    status,
    headers: [['Content-Type', 'application/json'], ...headers],
    body: JSON.stringify(value),
  }
}
