import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Resource } from '../../src/model/reading.ts'
import { UpstreamError } from '../../src/upstream/error.ts'
import { chooser, nearlyAnswer, spell } from '../support/spell.ts'
import { answeringAlways, bothServices, east } from './ask-setup.ts'
import { versionOfStx10, versionOfStx9 } from './bodies.ts'

const resources = [
  'release',
  'deploy',
  'deploy_host',
  'software_upgrade',
  'in_sync_controller',
  'query',
  'query_hosts',
  'show',
] as const

/** What became of an ask: answered, or why not; fails on any other error than ours. */
async function outcome(resource: Resource, body: Buffer | string, version: string): Promise<string> {
  try {
    const asked = await east(bothServices, answeringAlways(body, version)).ask({ resource, id: 'P1' })
    return asked.status
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
    return error.kind
  }
}

test.each(resources)(
  '%s: any JSON is answered or malformed or rejected, and throws nothing but UpstreamError',
  async (resource) => {
    await fc.assert(
      fc.asyncProperty(nearlyAnswer, fc.nat(), fc.boolean(), async (value, choice, nine) => {
        const body = spell(value, chooser(choice))
        const version = nine ? versionOfStx9 : versionOfStx10
        expect(['answered', 'malformed', 'rejected']).toContain(await outcome(resource, body, version))
      }),
      { seed: 7, numRuns: 500 },
    )
  },
)

test.each(resources)('%s: any bytes are answered or malformed or rejected', async (resource) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
      expect(['answered', 'malformed', 'rejected']).toContain(
        await outcome(resource, Buffer.from(bytes), versionOfStx10),
      )
    }),
    { seed: 7, numRuns: 200 },
  )
})

const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const deepObject = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)

/** Something anywhere in an answer that fits otherwise. */
const around: Readonly<Record<Resource, (nest: string) => string>> = {
  release: (nest) => `[{"release_id": "r", "region_name": "w", "x": ${nest}}]`,
  deploy: (nest) => `[{"state": "host", "x": ${nest}}]`,
  deploy_host: (nest) => `[{"hostname": "h", "x": ${nest}}]`,
  software_upgrade: (nest) => `{"state": "host", "x": ${nest}}`,
  in_sync_controller: (nest) => `{"in_sync": true, "x": ${nest}}`,
  query: (nest) => `{"pd": {"P1": {"x": ${nest}}}}`,
  query_hosts: (nest) => `{"data": [{"hostname": "h", "region_name": "w", "x": ${nest}}]}`,
  show: (nest) => `{"metadata": {"P1": {"x": ${nest}}}, "contents": {}}`,
}

test.each(resources)('%s: nesting 100,000 deep ends in an answer or a failure', async (resource) => {
  for (const body of [
    deep(100_000),
    around[resource](deep(100_000)),
    around[resource](deepObject(100_000)),
    `{"error": ${deep(100_000)}}`,
    `{"error": {"message": ${deep(100_000)}}}`,
  ]) {
    expect(['answered', 'malformed', 'rejected']).toContain(await outcome(resource, body, versionOfStx10))
  }
})

test('nesting 100,000 deep in the shape of stx 9 ends in an answer or a failure', async () => {
  const release = `{"sd": {"r": {"x": ${deep(100_000)}}}}`
  expect(['answered', 'malformed']).toContain(await outcome('release', release, versionOfStx9))
  const deployment = `{"state": "start", "x": ${deep(100_000)}}`
  expect(['answered', 'malformed']).toContain(await outcome('deploy', deployment, versionOfStx9))
})

test('an answer of many records is read within a fraction of its time limit', async () => {
  const record =
    '{"release_id": "r", "state": "available", "description": "\\u00e9\\"", "packages": ["a", "b"]}'
  const body = `[${Array.from({ length: 20_000 }, () => record).join(',')}]`
  const startedAt = performance.now()
  expect(await outcome('release', body, versionOfStx10)).toBe('answered')
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})

test('strings of quotes and backslashes do not make scanning quadratic', async () => {
  const body = `[{"release_id": "r", "x": "${'\\\\'.repeat(2 ** 19)}", "y": "${'\\"'.repeat(2 ** 19)}"}]`
  const startedAt = performance.now()
  expect(await outcome('release', body, versionOfStx10)).toBe('answered')
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})
