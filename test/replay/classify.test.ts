import { expect, it } from 'vitest'
import { classify } from './classify.ts'
import { toRecording } from './recordings.ts'
import type { Api, Recording } from './recordings.ts'
import type { Wording } from './routes.ts'

function recorded(
  api: Api,
  path: string,
  more: { status?: number; body?: string; accept?: string } = {},
): Recording {
  const { status = 200, body = '{}', accept = 'application/json' } = more
  const request = { method: 'GET', path, headers: { Accept: accept } }
  const response = { status, http_version: '1.0', headers: {}, body }
  return toRecording(api, `${api}/some/thing.json`, JSON.stringify({ scenario: 'idle', request, response }))
}

const lists = { body: '[]' }
const patches = { body: '{"pd": {}}' }
const cases: readonly [wording: Wording, recording: Recording, classified: object][] = [
  // What changes a region is refused, whatever the region answered and however it is spelt.
  ['patching', recorded('patching', '/v1/apply/P1'), { class: 'refused' }],
  ['patching', recorded('patching', '/v1/apply%2FP1', { status: 403 }), { class: 'refused' }],
  ['patching', recorded('patching', '/patch/host_install_async/worker-0/force'), { class: 'refused' }],
  ['verbs', recorded('usm', '/v1/software/deploy_start/r1'), { class: 'refused' }],
  ['verbs', recorded('usm', '/v1/software/delete/r1'), { class: 'refused' }],
  ['resources', recorded('usm', '/v1/deploy/r1/precheck', { status: 405 }), { class: 'refused' }],
  ['resources', recorded('usm', '/v1/deploy/activate', { status: 405 }), { class: 'refused' }],
  ['resources', recorded('usm', '/v1/deploy_host/controller-0', { status: 405 }), { class: 'refused' }],
  // What the gateway answers by itself.
  ['resources', recorded('usm', '/v1/release?show=deployed', lists), { class: 'ours', about: 'question' }],
  ['resources', recorded('usm', '/v1/release/r1', { status: 404 }), { class: 'ours', about: 'question' }],
  ['resources', recorded('usm', '/v1/release/r1/is_available', { body: 'true' }), { class: 'ours' }],
  ['resources', recorded('usm', '/v1/', {}), { class: 'ours', about: 'version' }],
  ['resources', recorded('usm', '/v1/bogus', { status: 404 }), { class: 'ours', about: 'nowhere' }],
  [
    'resources',
    recorded('usm', '/v1/deploy_host/next', { body: 'false' }),
    { class: 'ours', about: 'nowhere' },
  ],
  [
    'resources',
    recorded('usm', '/v1/software_upgrade', { status: 404 }),
    { class: 'ours', about: 'question' },
  ],
  ['verbs', recorded('usm', '/v1/release', { status: 500 }), { class: 'ours', door: '/v1/release' }],
  ['verbs', recorded('usm', '/v1/software/show/r1'), { class: 'ours', door: '/v1/release/r1' }],
  [
    'patching',
    recorded('patching', '/v1/query', { body: '<pd/>', accept: 'application/xml' }),
    { class: 'ours' },
  ],
  ['patching', recorded('patching', '/v1/show/A/B'), { class: 'ours', about: 'nowhere' }],
  ['patching', recorded('patching', '/v1/show/A%2FB'), { class: 'ours', about: 'question' }],
  ['patching', recorded('patching', '/v1', { status: 302, body: '' }), { class: 'ours', about: 'version' }],
  // What a region answered badly to a question that the gateway asks.
  ['resources', recorded('usm', '/v1/release', { status: 401 }), { class: 'fault' }],
  ['resources', recorded('usm', '/v1/deploy', { body: '<html>' }), { class: 'fault' }],
  ['resources', recorded('usm', '/v1/deploy', { status: 302, body: '' }), { class: 'fault' }],
  ['verbs', recorded('usm', '/v1/software/query', { status: 503 }), { class: 'fault', door: '/v1/release' }],
  // And what it answered well, under whatever name.
  ['resources', recorded('usm', '/v1/release', lists), { class: 'relayed', door: '/v1/release' }],
  ['resources', recorded('usm', '/v1/release/', lists), { class: 'relayed', door: '/v1/release' }],
  ['resources', recorded('usm', '/v1/release', { body: '{"error": "no"}' }), { class: 'relayed' }],
  ['resources', recorded('usm', '/v1/deploy/software_upgrade', { body: 'null' }), { class: 'relayed' }],
  ['verbs', recorded('usm', '/v1/software/deploy_show'), { class: 'relayed', door: '/v1/deploy' }],
  ['verbs', recorded('usm', '/v1/software/host_list', { body: '{"data": []}' }), { class: 'relayed' }],
  ['patching', recorded('patching', '/v1/', patches), { class: 'relayed', door: '/v1/query' }],
  ['patching', recorded('patching', '/patch/query', { ...patches, accept: '*/*' }), { class: 'relayed' }],
]

it.each(cases)('%s: $target', (wording, recording, classified) => {
  expect(classify(wording, recording)).toMatchObject(classified)
})

it('counts a recording whose connection broke as a fault', () => {
  const broken = { transport_error: 'closed', request: { method: 'GET', path: '/v1/query' }, response: null }
  const recording = toRecording('patching', 'patching/new/broken.json', JSON.stringify(broken))
  expect(classify('patching', recording)).toMatchObject({ class: 'fault', door: '/v1/query' })
})
