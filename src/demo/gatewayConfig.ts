import type { DemoAccount, DemoCloud } from './discovery.ts'
import { discoveredRegions } from './discovery.ts'
import { audience, issuer } from './key.ts'

/** A region as the simulator's control port lists it. */
export interface DemoRegion {
  readonly region_name: string
  readonly subcloud_name: string
  readonly labels: Readonly<Record<string, string>>
  readonly endpoints: { readonly usm?: string; readonly patching?: string }
}

export interface ConfigOptions {
  readonly port: number
  readonly adminPort: number
  readonly jwksFile: string
  readonly regions: readonly DemoRegion[]
  /** Given, the regions aren't listed but discovered. */
  readonly discover?: { readonly cloud: DemoCloud; readonly account: DemoAccount }
}

/** What the demo's operator wants everywhere at least: some of its regions are behind, some ahead, some not known. */
export const demoBaseline = 'starlingx-24.09.3'

/** The gateway's configuration file for a demo; JSON, so YAML too. */
export function gatewayConfig(options: ConfigOptions): string {
  const { discover } = options
  const { upstream, ...found } = discover
    ? discoveredRegions(discover.cloud, discover.account)
    : listedRegions(options.regions)
  const config = {
    listen: { host: '127.0.0.1', port: options.port },
    admin: { host: '127.0.0.1', port: options.adminPort },
    auth: {
      issuers: [
        { issuer, audience, jwks_file: options.jwksFile, claims: { roles: 'roles', regions: 'regions' } },
      ],
    },
    upstream: {
      connect_timeout: '3s',
      first_byte_timeout: '4s',
      idle_timeout: '3s',
      read_timeout: '10s',
      ...upstream,
    },
    refresh: { interval: '15s', min_age: '5s' },
    baseline: { release_ids: [demoBaseline] },
    ...found,
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}

function listedRegions(regions: readonly DemoRegion[]) {
  return {
    upstream: {},
    regions: regions.map(({ region_name, subcloud_name, labels, endpoints }) => ({
      region_name,
      subcloud_name,
      ...endpoints,
      credentials: 'none',
      labels,
    })),
    metrics: { region_labels: ['site', 'group'] },
  }
}
