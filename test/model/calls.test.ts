import { describe, expect, test } from 'vitest'
import { backgroundResources, readCalls, serviceOf } from '../../src/model/calls.ts'

describe('the table of calls', () => {
  test('has every read that the product names, under its service', () => {
    expect(
      Object.fromEntries(readCalls.flatMap(({ paths, service }) => paths.map((path) => [path, service]))),
    ).toEqual({
      '/v1/release': 'usm',
      '/v1/release/{id}': 'usm',
      '/v1/release/{id}/is_available': 'usm',
      '/v1/release/{id}/is_deployed': 'usm',
      '/v1/release/{id}/is_committed': 'usm',
      '/v1/deploy': 'usm',
      '/v1/deploy_host': 'usm',
      '/v1/software_upgrade': 'usm',
      '/v1/deploy/software_upgrade': 'usm',
      '/v1/software/in_sync_controller': 'usm',
      '/v1/query': 'patching',
      '/v1/query_hosts': 'patching',
      '/v1/show/{id}': 'patching',
    })
  })

  test('reads of each service only what belongs to it', () => {
    expect(readCalls.filter(({ service, resource }) => serviceOf(resource) !== service)).toEqual([])
    expect(backgroundResources.filter(({ service, resource }) => serviceOf(resource) !== service)).toEqual([])
  })

  test('gives each call a name of its own', () => {
    expect(new Set(readCalls.map(({ name }) => name)).size).toBe(readCalls.length)
  })
})
