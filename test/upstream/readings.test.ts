import { expect, test } from 'vitest'
import type { Readings, Resource } from '../../src/model/reading.ts'
import { answeringAlways, bothServices, east } from './ask-setup.ts'
import { versionOfStx10 } from './bodies.ts'
import { failureOf } from './failure-of.ts'

async function read<R extends Resource>(resource: R, body: string | Buffer): Promise<Readings[R]> {
  const asked = await east(bothServices, answeringAlways(body, versionOfStx10)).ask({ resource, id: 'P1' })
  if (asked.status !== 'answered') throw new Error(asked.reason)
  return asked.reading
}

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

/** An answer that fits each resource. */
const fitting: Readonly<Record<Resource, string>> = {
  release: '[{"release_id": "r"}]',
  deploy: '[{"state": "host"}]',
  deploy_host: '[{"hostname": "h"}]',
  software_upgrade: '{"state": "host"}',
  in_sync_controller: '{"in_sync": true}',
  query: '{"pd": {"P1": {}}}',
  query_hosts: '{"data": [{"hostname": "h"}]}',
  show: '{"metadata": {"P1": {}}, "contents": {"P1": {}}, "error": ""}',
}

const damages: readonly (readonly [string, (body: Buffer) => Buffer])[] = [
  ['nothing', () => Buffer.alloc(0)],
  ['only whitespace', () => Buffer.from(' \n')],
  ['a byte-order mark', (body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body])],
  ['UTF-16', (body) => Buffer.from(body.toString(), 'utf16le')],
  ['invalid UTF-8', (body) => Buffer.concat([body, Buffer.from(' "\xff"', 'latin1')])],
  ['cut off', (body) => body.subarray(0, -1)],
  ['bytes after the end', (body) => Buffer.concat([body, Buffer.from('x')])],
  ['two values', (body) => Buffer.concat([body, body])],
  ['a NUL after the end', (body) => Buffer.concat([body, Buffer.alloc(1)])],
  ['NaN', () => Buffer.from('NaN')],
  ['NaN within', (body) => Buffer.from(body.toString().replace(/\}/, ', "x": NaN}'))],
  ['single quotes', (body) => Buffer.from(body.toString().replaceAll('"', "'"))],
  ['a comma too many', (body) => Buffer.from(body.toString().replace(/\}/, ',}'))],
  ['HTML', () => Buffer.from('<html><body><h1>It works!</h1></body></html>')],
  ['text', () => Buffer.from('Titanium Cloud Patching API, Available versions: /v1')],
]

test.each(resources)('%s: what fits is read', async (resource) => {
  const reading = await read(resource, fitting[resource])
  expect(reading.body.toString()).toBe(fitting[resource])
})

for (const [damage, damaged] of damages) {
  test.each(resources)(`%s: ${damage} is malformed`, async (resource) => {
    const failure = await failureOf(read(resource, damaged(Buffer.from(fitting[resource]))))
    expect(failure.kind).toBe('malformed')
  })
}

test.each([
  ['release', ['null', '{}', 'true', '1', '"x"', '[1]', '[null]', '[[]]', '[{}]', '[{"release_id": 1}]']],
  [
    'release',
    ['[{"release_id": null}]', '[{"release_id": "r", "state": 1}]', '[{"release_id": "r", "state": []}]'],
  ],
  [
    'release',
    ['[{"release_id": "r", "sw_version": 24.09}]', '[{"release_id": "r", "reboot_required": "Y"}]'],
  ],
  ['release', ['[{"release_id": "r", "unremovable": "N"}]', '[{"release_id": "r"}, 1]', '{"sd": {}}']],
  ['deploy', ['null', '{}', '[1]', '[{"state": {}}]', '[{"from_release": 1}]', '[{"to_release": []}]']],
  ['deploy_host', ['null', '{}', '[{}]', '[{"hostname": 1}]', '[{"hostname": "h", "host_state": true}]']],
  [
    'deploy_host',
    ['[{"hostname": "h", "software_release": 1}]', '[{"hostname": "h", "target_release": {}}]'],
  ],
  ['software_upgrade', ['[]', 'true', '1', '"none"', '{"state": 1}', '{"from_release": 24.09}']],
  ['in_sync_controller', ['null', '[]', 'true', '{}', '{"in_sync": null}', '{"in_sync": "true"}']],
  ['query', ['null', '[]', '{}', '{"pd": []}', '{"pd": null}', '{"pd": {"P1": 1}}', '{"pd": {"P1": []}}']],
  ['query', ['{"pd": {"P1": {"patchstate": 1}}}', '{"pd": {"P1": {"repostate": {}}}}']],
  ['query', ['{"pd": {"P1": {"sw_version": 22.12}}}', '{"pd": {"P1": null}}']],
  ['query_hosts', ['null', '[]', '{}', '{"data": {}}', '{"data": [1]}', '{"data": [{}]}', '{"data": null}']],
  [
    'query_hosts',
    ['{"data": [{"hostname": "h", "patch_current": "true"}]}', '{"data": [{"hostname": null}]}'],
  ],
  [
    'query_hosts',
    ['{"data": [{"hostname": "h", "patch_failed": 0}]}', '{"data": [{"hostname": "h", "state": 1}]}'],
  ],
  ['query_hosts', ['{"data": [{"hostname": "h", "stale_details": "no"}]}']],
  [
    'query_hosts',
    ['{"data": [{"hostname": "h", "interim_state": 1}]}', '{"data": [{"hostname": "h", "nodetype": 1}]}'],
  ],
  ['query_hosts', ['{"data": [{"hostname": "h", "secs_since_ack": "7"}]}']],
  ['query_hosts', ['{"data": [{"hostname": "h", "requires_reboot": "Y"}]}']],
  ['show', ['null', '[]', '{}', '{"metadata": {}}', '{"metadata": [], "contents": {}}', '{"contents": {}}']],
  [
    'show',
    ['{"metadata": {"P1": 1}, "contents": {}}', '{"metadata": {"P1": {"patchstate": 1}}, "contents": {}}'],
  ],
] as const)('%s: wrong shapes and types are malformed: %j', async (resource, bodies) => {
  for (const body of bodies) {
    expect({ body, ...(await failureOf(read(resource, body))) }).toMatchObject({ body, kind: 'malformed' })
  }
})

test.each([
  ['release', '[{"release_id": "r", "state": null, "sw_version": null, "reboot_required": null}]'],
  ['deploy', '[{}]'],
  ['deploy_host', '[{"hostname": "h", "target_release": null, "host_state": null, "reboot_required": null}]'],
  ['query', '{"pd": {"P1": {"repostate": "Available"}}}'],
  [
    'query_hosts',
    '{"data": [{"hostname": "n/a", "nodetype": null, "state": null, "sw_version": "unknown"}]}',
  ],
] as const)('%s: what some release leaves out or leaves null is read: %s', async (resource, body) => {
  expect((await read(resource, body)).body.toString()).toBe(body)
})

test.each([
  ['release', '[{"release_id": "a", "release_id": "b"}]'],
  ['release', '[{"release_id": "a", "release\\u005fid": "a"}]'],
  ['release', '[{"release_id": "a", "region_name": "b", "region_name": "c"}]'],
  ['deploy_host', '[{"hostname": "a", "\\u0068ostname": "b"}]'],
  ['query_hosts', '{"data": [{"hostname": "a", "hostname": "b"}]}'],
  ['query_hosts', '{"data": [{"hostname": "a"}], "data": []}'],
  ['query', '{"pd": {"P1": {}, "P1": {}}}'],
  ['query', '{"pd": {"P1": {}, "P\\u0031": {}}}'],
  ['show', '{"metadata": {"P1": {}, "P1": {}}, "contents": {}}'],
  ['show', '{"metadata": {}, "contents": {"P1": {}, "\\u00501": {}}}'],
  ['software_upgrade', '{"region_name": "a", "region_name": "b"}'],
  ['in_sync_controller', '{"in_sync": true, "region_name": "a", "region\\u005fname": "b"}'],
] as const)('%s: an identity that stands twice is malformed: %s', async (resource, body) => {
  expect(await failureOf(read(resource, body))).toMatchObject({
    kind: 'malformed',
    message: expect.stringContaining('stands twice in one object'),
  })
})

test('empty answers are answers', async () => {
  expect((await read('release', '[]')).items).toEqual([])
  expect((await read('query', '{"pd": {}}')).patches.size).toBe(0)
  expect((await read('query_hosts', '{"data": []}')).items).toEqual([])
  expect((await read('software_upgrade', 'null')).value).toBeNull()
  expect(
    (await read('show', '{"metadata": {}, "contents": {}, "error": "P1 is unrecognized\\n"}')).value,
  ).toEqual({
    metadata: {},
    contents: {},
    error: 'P1 is unrecognized\n',
  })
})

test('patches keep the order of their region, and a patch id "__proto__" is one', async () => {
  const { patches, items } = await read(
    'query',
    '{"pd": {"P2": {}, "__proto__": {"patchstate": "Applied"}, "P1": {}}}',
  )
  expect([...patches.keys()]).toEqual(['P2', '__proto__', 'P1'])
  expect(items.map(({ id, state }) => [id, state])).toEqual([
    ['P2', 'unknown'],
    ['__proto__', 'deployed'],
    ['P1', 'unknown'],
  ])
})

test('fields of the prototype are not fields of a record', async () => {
  const { items } = await read('release', '[{"release_id": "r", "__proto__": {"state": "deployed"}}]')
  expect(items).toMatchObject([{ id: 'r', state: 'unknown', native_state: null }])
})

test('hosts of Patching keep what surrounds them out of the records', async () => {
  const { piece } = await read(
    'query_hosts',
    '{"x": [{"hostname": "a"}], "data": [{"hostname": "h"}], "y": 1}',
  )
  expect(piece.bytes.toString()).toBe('{"region_name":"east","hostname": "h"}')
})
