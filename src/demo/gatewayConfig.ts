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
}

/** The gateway's configuration file for a demo; JSON, so YAML too. */
export function gatewayConfig(options: ConfigOptions): string {
  const config = {
    listen: { host: '127.0.0.1', port: options.port },
    admin: { host: '127.0.0.1', port: options.adminPort },
    auth: {
      issuers: [
        { issuer, audience, jwks_file: options.jwksFile, claims: { roles: 'roles', regions: 'regions' } },
      ],
    },
    regions: options.regions.map(({ region_name, subcloud_name, labels, endpoints }) => ({
      region_name,
      subcloud_name,
      ...endpoints,
      credentials: 'none',
      labels,
    })),
    upstream: { connect_timeout: '3s', first_byte_timeout: '4s', idle_timeout: '3s', read_timeout: '10s' },
    refresh: { interval: '15s', min_age: '5s' },
    metrics: { region_labels: ['site', 'group'] },
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}
