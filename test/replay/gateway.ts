import { request } from 'node:http'
import { parseConfig } from '../../src/config/parse.ts'
import { start } from '../../src/start.ts'
import { createTokenIssuer } from '../support/tokens.ts'
import type { Api } from './recordings.ts'

export interface NamedRegion {
  readonly api: Api
  readonly name: string
  readonly url: string
}

export interface DoorAnswer {
  readonly status: number
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
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
      get(new URL(gateway.url), target, { ...headers, authorization: `Bearer ${token}` }),
    close: async () => {
      await gateway.close()
      await issuer.close()
    },
  }
}

export function groupOf(region: string): string {
  return `group-of-${region}`
}

/** `fetch` would tidy the path and add headers, so the request is made by hand. */
function get(base: URL, target: string, headers: Readonly<Record<string, string>>): Promise<DoorAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: base.hostname,
      port: base.port,
      path: target,
      headers: { ...headers },
      agent: false,
    }
    const sent = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}
