import { describe, expect, test } from 'vitest'
import type { Resource } from '../../src/model/reading.ts'
import type { Asked } from '../../src/upstream/ask.ts'
import { UpstreamError } from '../../src/upstream/error.ts'
import type { CreateHttpClient } from '../../src/upstream/http.ts'
import { answeringBy, bothServices, east } from './ask-setup.ts'
import { versionOfStx10, versionOfStx9 } from './bodies.ts'
import { recordingsOf, type Recording } from './recordings.ts'

const usm: Readonly<Record<string, Resource>> = {
  '/v1/release': 'release',
  '/v1/deploy': 'deploy',
  '/v1/deploy_host': 'deploy_host',
  '/v1/deploy/software_upgrade': 'software_upgrade',
  '/v1/software/in_sync_controller': 'in_sync_controller',
}
const usmOfStx9: Readonly<Record<string, Resource>> = {
  '/v1/software/query': 'release',
  '/v1/software/in_sync_controller': 'in_sync_controller',
}
const patching: Readonly<Record<string, Resource>> = {
  '/v1/query': 'query',
  '/v1/query_hosts': 'query_hosts',
}

/** A region that answers a path as recorded, whatever was asked before to find out its dialect. */
function replaying({ path, status, body }: Recording, version: string): CreateHttpClient {
  return answeringBy((asked) => {
    if (asked === path) return { status, body }
    return asked === '/v1' ? { status: 200, body: version } : { status: 503, body: '' }
  })
}

async function outcomeOf(recording: Recording, resource: Resource, version: string): Promise<string> {
  try {
    const asked: Asked<unknown> = await east(bothServices, replaying(recording, version)).ask({ resource })
    return asked.status
  } catch (error) {
    if (error instanceof UpstreamError) return error.kind
    throw error
  }
}

/** By status, from the words of product.md; a body that is no JSON makes a 200 malformed, an error rejected. */
function expected({ status, body }: Recording): string {
  if (status === 401 || status === 403) return 'unauthorized'
  if (status >= 500 || (status >= 300 && status < 400)) return 'broken'
  if (status >= 400) return 'rejected'
  if (!/^\s*[[{n]/.test(body)) return 'malformed'
  return /^\{"error":\s*"[^"]/.test(body) ? 'rejected' : 'answered'
}

describe('recorded answers of real regions', () => {
  test.each([
    ['usm/stx9.0', versionOfStx9, usmOfStx9],
    ['usm/stx10.0', versionOfStx10, usm],
    ['usm/stx11.0', versionOfStx10, usm],
    ['usm/stx12.0', versionOfStx10, usm],
    ['usm/master', versionOfStx10, usm],
    ['patching/stx6.0', '', patching],
    ['patching/stx8.0', '', patching],
    ['patching/stx9.0', '', patching],
    ['patching/stx10.0', '', patching],
  ])('%s: each recorded read becomes what its status and body say', async (of, version, resources) => {
    const reads = recordingsOf(of).filter(
      ({ method, path }) => method === 'GET' && Object.hasOwn(resources, path),
    )
    expect(reads.length).toBeGreaterThan(1)
    const became: Record<string, string> = {}
    const should: Record<string, string> = {}
    for (const recording of reads) {
      const resource = resources[recording.path]
      if (resource === undefined) continue
      became[recording.name] = await outcomeOf(recording, resource, version)
      should[recording.name] = expected(recording)
    }
    expect(became).toEqual(should)
  })

  test.each([
    ['usm/stx9.0', 'usm-stx9'],
    ['usm/stx10.0', 'usm-stx10'],
    ['usm/stx11.0', 'usm-stx11'],
    ['usm/stx12.0', 'usm-stx11'],
    ['usm/master', 'usm-master'],
  ])('%s is recognised as %s', async (of, dialect) => {
    const recordings = recordingsOf(of)
    const version = recordings.find(({ name }) => name.endsWith('/v1'))
    const lists = recordings.filter(
      ({ path, status, body }) =>
        ['/v1/release', '/v1/software/query'].includes(path) && status === 200 && body.includes('deployed'),
    )
    expect(lists.length).toBeGreaterThan(0)
    for (const list of lists) {
      const asking = east(bothServices, replaying(list, version?.body ?? ''))
      await asking.ask({ resource: 'release' })
      expect([list.name, asking.dialectOf('usm')]).toEqual([list.name, dialect])
    }
  })
})
