import { afterEach } from 'vitest'
import type { Region } from '../../src/model/region.ts'
import { createRegionClient, type RegionClient } from '../../src/upstream/ask.ts'
import { createHttp, type CreateHttpClient } from '../../src/upstream/http.ts'
import { noTokens } from '../../src/upstream/token.ts'
import { createPlayedRegion, type PlayedRegion } from '../support/played-region.ts'
import { limits } from './http-setup.ts'

export interface Clock {
  now: number
}

/** Regions and clients of one test, closed when it ends. */
export interface AskSetup {
  readonly play: () => PlayedRegion
  readonly client: (endpoints: Region['endpoints'], clock?: Clock) => RegionClient
}

export function createAskSetup(): AskSetup {
  const regions: PlayedRegion[] = []
  const clients: RegionClient[] = []
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    await Promise.all(regions.splice(0).map((region) => region.close()))
  })
  return {
    play() {
      const region = createPlayedRegion()
      regions.push(region)
      return region
    },
    client(endpoints, clock = { now: 1_000_000 }) {
      const client = east(endpoints, createHttp(limits, undefined), clock)
      clients.push(client)
      return client
    },
  }
}

export function east(
  endpoints: Region['endpoints'],
  http: CreateHttpClient,
  clock: Clock = { now: 1_000_000 },
): RegionClient {
  const region: Region = { name: 'east', subcloud: 'east', endpoints, credentials: 'none', labels: {} }
  return createRegionClient(region, { http, tokens: noTokens, userAgent: 'gateway/1', now: () => clock.now })
}

/** A region that answers every path with the same bytes, without a network; `/v1` may have its own answer. */
export function answeringAlways(body: Buffer | string, version?: string): CreateHttpClient {
  return () => ({
    get: (path) =>
      Promise.resolve({
        status: 200,
        contentType: 'application/json',
        body: Buffer.from(version !== undefined && path === '/v1' ? version : body),
      }),
    close: () => undefined,
  })
}

const nowhere = new URL('http://127.0.0.1:1')
export const bothServices: Region['endpoints'] = { usm: nowhere, patching: nowhere }
