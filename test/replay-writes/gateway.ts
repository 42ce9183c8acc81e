import { request } from 'node:http'
import { dirname, join } from 'node:path'
import { parseConfig } from '../../src/config/parse.ts'
import { start } from '../../src/start.ts'
import { createTokenIssuer } from '../support/tokens.ts'
import type { Api } from '../replay/recordings.ts'
import type { DoorAnswer } from '../replay/gateway.ts'

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
      ask(new URL(gateway.url), `/regions/${region}${target}`, {
        ...asked,
        headers: { ...asked.headers, ...credential(asked.headers, token) },
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

/** `fetch` would tidy the path and add headers, so the request is made by hand. */
function ask(
  base: URL,
  target: string,
  { method, headers, body, chunked }: ClientRequest,
): Promise<DoorAnswer> {
  return new Promise((resolve, reject) => {
    const length = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) }
    const options = {
      host: base.hostname,
      port: base.port,
      method,
      path: target,
      headers: { ...headers, ...(chunked || body.length > 0 || method === 'POST' ? length : {}) },
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
    sent.end(body)
  })
}
