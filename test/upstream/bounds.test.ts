import { expect, test } from 'vitest'
import { createHostHistory } from '../../src/fleet/host-history.ts'
import type { Host } from '../../src/model/facts.ts'
import type { Region } from '../../src/model/region.ts'
import { createRegionClient } from '../../src/upstream/ask.ts'
import { UpstreamError } from '../../src/upstream/error.ts'
import { catalogEndpoint } from '../../src/upstream/keystone.ts'
import { toReading } from '../../src/upstream/readings.ts'
import { scanList } from '../../src/upstream/scan-list.ts'
import { oneLine } from '../../src/upstream/success.ts'
import { withoutLogin } from '../../src/upstream/token.ts'
import { writeTimeouts } from '../support/write-timeouts.ts'

// What one region, or callers who ask it for odd things, can make the gateway hold.

const region: Region = {
  name: 'east',
  subcloud: 'boston',
  keystoneRegion: 'east',
  endpoints: { patching: new URL('http://127.0.0.1:1') },
  credentials: 'none',
  labels: {},
}

test('patches that callers ask for leave room in the queue for what everybody reads', async () => {
  const client = createRegionClient(region, {
    writeTimeouts,
    http: () => ({
      send: () => new Promise(() => undefined),
      certificateEndsAt: () => undefined,
      close: () => undefined,
    }),
    accessTo: () => withoutLogin,
    userAgent: 'test',
    now: () => 0,
  })
  for (let i = 0; i < 8; i++) void client.ask({ resource: 'show', id: `P${i}` })
  const refused = await client.ask({ resource: 'show', id: 'P9' }).catch((error: unknown) => error)
  // Our own limit: nothing is concluded of the region's service.
  expect(refused).toBeInstanceOf(UpstreamError)
  expect(refused).toMatchObject({ kind: 'timeout', ofService: false })
  const answer = await Promise.race([
    client.ask({ resource: 'query_hosts' }),
    Promise.resolve('waits its turn'),
  ])
  expect(answer).toBe('waits its turn')
})

test('hosts under ever new names are not remembered without end', () => {
  const history = createHostHistory()
  const host = (hostname: string): Host => ({
    hostname,
    node_type: 'worker',
    sw_version: '22.12',
    target_version: null,
    patch_current: true,
    state: 'idle',
    native_state: 'idle',
    reboot_required: false,
    patch_failed: false,
    last_seen_s: 1,
    derived_from: 'patching-query-hosts',
  })
  for (let poll = 0; poll < 10; poll++) {
    const hosts = Array.from({ length: 500 }, (_, i) => host(`worker-${poll}-${i}`))
    history.observe('east', hosts, poll * 1_000)
  }
  expect(history.hosts('east')).toHaveLength(500 + 1_000)
})

test('an id beyond measure is malformed', () => {
  const value = [{ release_id: 'r'.repeat(1_025), state: 'deployed' }]
  const body = Buffer.from(JSON.stringify(value))
  const answered = {
    regionName: 'east',
    dialect: 'd',
    body,
    json: body,
    value,
    call: 'GET /v1/release',
    id: '',
  }
  expect(() => toReading.release(answered)).toThrow('GET /v1/release: "release_id" is longer than 1024')
})

test('more records than any region has are too large, however small each is', () => {
  const read = (resource: 'release' | 'query', value: unknown): unknown => {
    const body = Buffer.from(JSON.stringify(value))
    const answered = {
      regionName: 'east',
      dialect: 'usm-stx12',
      body,
      json: body,
      value,
      call: 'GET /x',
      id: '',
    }
    try {
      return toReading[resource](answered).items.length
    } catch (error) {
      return error instanceof UpstreamError && `${error.kind}: ${error.message}`
    }
  }
  const releases = (count: number): unknown =>
    Array.from({ length: count }, (_, i) => ({ release_id: `a${i}` }))
  const patches = (count: number): unknown => ({
    pd: Object.fromEntries(Array.from({ length: count }, (_, i) => [`P${i}`, {}])),
  })
  const refused = 'too_large: GET /x: more than 20000 records'
  expect([read('release', releases(20_000)), read('release', releases(20_001))]).toEqual([20_000, refused])
  expect([read('query', patches(20_000)), read('query', patches(20_001))]).toEqual([20_000, refused])
})

// What follows takes ms; by the square of the length it takes minutes, and nothing else happens meanwhile.

test('half a million records are scanned in one go', () => {
  const records = Array.from({ length: 500_000 }, (_, i) => ({ release_id: `a${i}` }))
  const scan = scanList(Buffer.from(JSON.stringify(records)), records)
  expect([scan?.starts.length, scan?.ends.length]).toEqual([500_000, 500_000])
})

test('an address of very many slashes is none', () => {
  const endpoint = { type: 'usm', region: 'east', interface: 'admin' }
  const at = (url: string): string | undefined => catalogEndpoint([{ ...endpoint, url }], 'usm', 'east')?.href
  expect(at('http://10.0.0.2:5497//')).toBe('http://10.0.0.2:5497/')
  expect(at(`http://10.0.0.2:5497${'/'.repeat(300_000)}x`)).toBeUndefined()
})

test('of a long error only the beginning is read', () => {
  expect(oneLine(`it failed${'\u0000'.repeat(20_000)}`)).toBe('it failed')
  expect(oneLine(`${' '.repeat(10_000)}too far away`)).toBe('')
})
