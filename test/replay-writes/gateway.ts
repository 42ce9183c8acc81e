import { dirname, join } from 'node:path'
import { parseConfig } from '../../src/config/parse.ts'
import { start } from '../../src/start.ts'
import { createTokenIssuer } from '../support/tokens.ts'
import type { Api } from '../replay/recordings.ts'
import { sendExactly, type DoorAnswer } from '../replay/exact-request.ts'

export interface WrittenRegion {
  readonly api: Api
  readonly name: string
  readonly url: string
  /** What the region calls itself. */
  readonly ownName: string
}

export interface ClientRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly chunked: boolean
}

export interface WrittenGateway {
  /** Sends one request to a region's own door, exactly as written, with a configurator's token. */
  ask(region: string, target: string, asked: ClientRequest): Promise<DoorAnswer>
  close(): Promise<void>
}

/** The gateway in front of these regions. */
export async function startGateway(regions: readonly WrittenRegion[]): Promise<WrittenGateway> {
  const issuer = await createTokenIssuer()
  const config = {
    listen: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port: 0 },
    auth: { issuers: [issuer.config] },
    regions: regions.map(({ api, name, url, ownName }) => ({
      region_name: name,
      keystone_region: ownName,
      [api]: url,
      credentials: 'none',
    })),
    audit: { file: join(dirname(issuer.jwksFile), 'audit.log') },
    // Long enough that only the first round of refreshing falls into the test.
    refresh: { interval: '1h', min_age: '10s' },
    upstream: {
      connect_timeout: '2s',
      first_byte_timeout: '3s',
      idle_timeout: '3s',
      read_timeout: '5s',
      write_timeouts: { quick: '2s', precheck: '2s', host_deploy: '2s', upload: '2s' },
    },
  }
  const gateway = await start(parseConfig(JSON.stringify(config), 'replay.yaml'), { logLevel: 'silent' })
  const token = await issuer.sign({ roles: ['configurator'] })
  return {
    ask: (region, target, asked) =>
      sendExactly(new URL(gateway.url), `/regions/${region}${target}`, {
        ...asked,
        headers: { ...asked.headers, ...credential(asked.headers, token), ...lengthOf(asked) },
      }),
    close: async () => {
      await gateway.close()
      await issuer.close()
    },
  }
}

/** In the header that the recorded client used. */
function credential(headers: Readonly<Record<string, string>>, token: string): Record<string, string> {
  if ('x-auth-token' in headers) return { 'x-auth-token': token }
  if ('oidc-token' in headers) return { 'oidc-token': token }
  return { authorization: `Bearer ${token}` }
}

/** As the recorded client told of its body: by its length, in chunks, or not at all. */
function lengthOf({ method, body, chunked }: ClientRequest): Record<string, string> {
  if (chunked) return { 'transfer-encoding': 'chunked' }
  return body.length > 0 || method === 'POST' ? { 'content-length': String(body.length) } : {}
}
