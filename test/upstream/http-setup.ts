import { afterEach } from 'vitest'
import { createHttp, type HttpClient, type HttpLimits, type HttpRequest } from '../../src/upstream/http.ts'
import { createRawRegion, type Play, type RawRegion, type RawRegionOptions } from '../support/raw-region.ts'

export const limits: HttpLimits = {
  connectTimeout: 2_000,
  firstByteTimeout: 3_000,
  idleTimeout: 3_000,
  totalTimeout: 10_000,
  maxInFlight: 64 * 2 ** 20,
  maxResponse: 64 * 1024,
}

/** Regions and clients of one test, closed when it ends. */
export interface HttpSetup {
  readonly region: (play: Play, options?: RawRegionOptions) => Promise<RawRegion>
  readonly client: (url: URL, changed?: Partial<HttpLimits>, ca?: string) => HttpClient
  /** One request with `client`. */
  readonly get: (client: HttpClient, path?: string) => Promise<ReadAnswer>
}

export interface ReadAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export function createHttpSetup(): HttpSetup {
  const regions: RawRegion[] = []
  const clients: HttpClient[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    await Promise.all(regions.splice(0).map((region) => region.close()))
  })
  return {
    async region(play, options) {
      const region = await createRawRegion(play, options)
      regions.push(region)
      return region
    },
    client(url, changed = {}, ca) {
      const client = createHttp({ ...limits, ...changed }, ca)(url)
      clients.push(client)
      return client
    },
    async get(client, path = '/v1/release') {
      const { status, header, body } = await client.send(getting(path))
      return { status, contentType: header('content-type'), body: body.toString() }
    },
  }
}

export const getting = (path: string, more: Readonly<Record<string, string>> = {}): HttpRequest => ({
  method: 'GET',
  path,
  headers: { accept: 'application/json', 'user-agent': 'gateway/1', ...more },
})
