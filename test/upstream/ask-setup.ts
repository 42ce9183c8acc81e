import { afterEach } from 'vitest'
import type { Region } from '../../src/model/region.ts'
import { createRegionClient, type RegionClient } from '../../src/upstream/ask.ts'
import { createHttp, type CreateHttpClient } from '../../src/upstream/http.ts'
import { withoutLogin, type AccessTo } from '../../src/upstream/token.ts'
import { createPlayedRegion, type PlayedRegion } from '../support/played-region.ts'
import { limits } from './http-setup.ts'
import { writeTimeouts } from '../support/write-timeouts.ts'

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

export const regionAt = (endpoints: Region['endpoints']): Region => ({
  name: 'east',
  subcloud: 'east',
  keystoneRegion: 'RegionOne',
  endpoints,
  credentials: 'none',
  labels: {},
})

export function east(
  endpoints: Region['endpoints'],
  http: CreateHttpClient,
  clock: Clock = { now: 1_000_000 },
): RegionClient {
  const accessTo: AccessTo = () => withoutLogin
  return createRegionClient(regionAt(endpoints), {
    writeTimeouts,
    http,
    accessTo,
    userAgent: 'gateway/1',
    now: () => clock.now,
  })
}

/** A region without a network: what it answers to each path. */
export function answeringBy(
  answerTo: (path: string) => { status: number; body: Buffer | string },
): CreateHttpClient {
  return () => ({
    send({ path }) {
      const { status, body } = answerTo(path)
      return Promise.resolve({ status, header: () => '', body: Buffer.from(body) })
    },
    certificateEndsAt: () => undefined,
    close: () => undefined,
  })
}

/** One that answers every path with the same bytes; `/v1` may have its own answer. */
export function answeringAlways(body: Buffer | string, version = body): CreateHttpClient {
  return answeringBy((path) => ({ status: 200, body: path === '/v1' ? version : body }))
}

const nowhere = new URL('http://127.0.0.1:1')
export const bothServices: Region['endpoints'] = { usm: nowhere, patching: nowhere }
