import { parseConfig } from '../../src/config/parse.ts'
import { start } from '../../src/start.ts'
import { createTokenIssuer } from '../support/tokens.ts'
import { sendExactly, type DoorAnswer } from './exact-request.ts'
import type { Api } from './recordings.ts'

export interface NamedRegion {
  readonly api: Api
  readonly name: string
  readonly url: string
}

export interface AskedGateway {
  /** Sends one GET to door 1 exactly as written, with an operator's token. */
  get(target: string, headers?: Readonly<Record<string, string>>): Promise<DoorAnswer>
  close(): Promise<void>
}

/** The gateway in front of these regions. Each is a group of its own, so that a selection can hold it alone. */
export async function startGateway(regions: readonly NamedRegion[]): Promise<AskedGateway> {
  const issuer = await createTokenIssuer()
  const config = {
    listen: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port: 0 },
    auth: { issuers: [issuer.config] },
    regions: regions.map(({ api, name, url }) => ({
      region_name: name,
      subcloud_name: `subcloud-${name}`,
      [api]: url,
      credentials: 'none',
      labels: { group: groupOf(name) },
    })),
    // Long enough that only the first round of refreshing falls into the test.
    refresh: { interval: '1h', min_age: '10s' },
    upstream: { connect_timeout: '2s', first_byte_timeout: '3s', idle_timeout: '3s', read_timeout: '5s' },
  }
  const gateway = await start(parseConfig(JSON.stringify(config), 'replay.yaml'), { logLevel: 'silent' })
  const token = await issuer.sign({ roles: ['operator'] })
  return {
    get: (target, headers = {}) =>
      sendExactly(new URL(gateway.url), target, {
        method: 'GET',
        headers: { ...headers, authorization: `Bearer ${token}` },
      }),
    close: async () => {
      await gateway.close()
      await issuer.close()
    },
  }
}

export function groupOf(region: string): string {
  return `group-of-${region}`
}
