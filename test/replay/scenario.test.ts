import { expect, it } from 'vitest'
import { toRecording } from './recordings.ts'
import type { RecordedRelease, Recording } from './recordings.ts'
import { createScenarios } from './scenario.ts'

function recorded(name: string, scenario: string, path: string, status: number, body: string): Recording {
  const request = { method: 'GET', path, headers: {} }
  const response = { status, http_version: 'HTTP/1.0', headers: {}, body }
  return toRecording('usm', `usm/new/${name}.json`, JSON.stringify({ scenario, request, response }))
}

const reads = [
  recorded('activate-deploy', 'activate', '/v1/deploy', 200, '[{"state": "activate"}]'),
  recorded('activate-release-401', 'activate', '/v1/release', 401, '{}'),
  recorded('idle-deploy', 'idle', '/v1/deploy', 200, '[]'),
  recorded('idle-nope', 'idle', '/v1/nope', 500, 'A server error occurred.'),
  recorded('simplex-idle-release', 'simplex-idle', '/v1/release', 200, '[]'),
]
const release: RecordedRelease = { api: 'usm', release: 'new', reads, others: 0 }
const scenarios = createScenarios(release)

it('answers from the same scenario, then from a resting one, then as an unknown path is answered', () => {
  expect(scenarios.wording).toBe('resources')
  expect(scenarios.answer('activate', '/v1/deploy').name).toBe('activate-deploy')
  expect(scenarios.answer('unheard-of', '/v1/deploy').name).toBe('idle-deploy')
  expect(scenarios.answer('activate', '/v1/release').name).toBe('simplex-idle-release')
  expect(scenarios.answer('activate', '/v1/system_deploy').name).toBe('idle-nope')
})

it('knows a plain 404 where a release never turned a path away', () => {
  const few = createScenarios({ ...release, reads: reads.slice(0, 1) })
  expect(few.answer('activate', '/v1').answer?.status).toBe(404)
})
