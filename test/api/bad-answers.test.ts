import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Misbehaviour } from '../support/misbehaving-fleet.ts'
import { answer, createRawRegion, type RawRegion } from '../support/raw-region.ts'
import { hostsOfOstree, releasesOfStx10 } from '../upstream/bodies.ts'
import {
  answers,
  answersAt,
  deploy,
  query,
  queryHosts,
  release,
  sends,
  useFleet,
  type BadInput,
} from './bad-input.ts'

// What a region may answer instead of an answer, seen from the other end: by who reads the whole fleet.

const html = '<!DOCTYPE html><html><body><h1>It works!</h1></body></html>'
const at = (path: string, body: string): Pick<BadInput, 'does' | 'at'> => ({
  does: answersAt(path, body),
  at: [path],
})

const notJson: readonly BadInput[] = [
  { name: 'no JSON', does: answers('[{"release_id": }]'), kind: 'malformed', says: /not JSON/ },
  { name: 'JSON that ends too early', does: answers('[{"release_id": "r'), kind: 'malformed' },
  { name: 'JSON and something after it', does: answers('[] []'), kind: 'malformed' },
  { name: 'HTML as a 200', does: answers(html), kind: 'malformed', says: /not JSON/ },
  { name: 'text as a 200', does: answers('OK'), kind: 'malformed', says: /not JSON/ },
  { name: 'an empty body as a 200', does: answers(''), kind: 'malformed', says: /an empty body/ },
  {
    name: 'a 204',
    does: sends('HTTP/1.0 204 No Content\r\n\r\n'),
    kind: 'malformed',
    says: /HTTP 204/,
  },
  {
    name: 'a byte-order mark before the JSON',
    does: answers(`\uFEFF${releasesOfStx10}`),
    kind: 'malformed',
    says: /not JSON/,
  },
  {
    name: 'bytes that are not UTF-8',
    does: answers(Buffer.from('[{"release_id": "\xe9t\xe9", "hostname": "\xc0\xaf"}]', 'latin1')),
    kind: 'malformed',
    says: /not UTF-8/,
  },
  { name: 'UTF-16', does: answers(Buffer.from(releasesOfStx10, 'utf16le')), kind: 'malformed' },
  {
    name: 'gzip that is none',
    does: answers('[]', { headers: ['Content-Encoding: gzip'] }),
    kind: 'malformed',
    says: /not the gzip that it says it is/,
  },
  {
    name: 'a coding that nobody knows',
    does: answers('[]', { headers: ['Content-Encoding: zip'] }),
    kind: 'malformed',
  },
]

const wrongTypes: readonly BadInput[] = [
  { name: 'a number', does: answers('7'), kind: 'malformed' },
  { name: 'a string', does: answers('"[]"'), kind: 'malformed' },
  { name: 'null', does: answers('null'), kind: 'malformed' },
  { name: 'true', does: answers('true'), kind: 'malformed' },
  { name: 'an object instead of a list', ...at(release, '{}'), kind: 'malformed', says: /not an array/ },
  { name: 'an object instead of deployments', ...at(deploy, '{"state": "host"}'), kind: 'malformed' },
  { name: 'a list instead of patches', ...at(query, '[]'), kind: 'malformed', says: /no object "pd"/ },
  { name: 'a list within "pd"', ...at(query, '{"pd": []}'), kind: 'malformed' },
  { name: 'a list instead of hosts', ...at(queryHosts, '[]'), kind: 'malformed', says: /no array "data"/ },
  { name: 'an object within "data"', ...at(queryHosts, '{"data": {}}'), kind: 'malformed' },
  { name: 'a release that is a number', ...at(release, '[7]'), kind: 'malformed', says: /not an object/ },
  { name: 'a release that is null', ...at(release, '[null]'), kind: 'malformed' },
  { name: 'a deployment that is a list', ...at(deploy, '[[]]'), kind: 'malformed' },
  { name: 'a patch that is a string', ...at(query, '{"pd": {"P": "Applied"}}'), kind: 'malformed' },
  { name: 'a host that is null', ...at(queryHosts, '{"data": [null]}'), kind: 'malformed' },
  { name: 'an id that is a number', ...at(release, '[{"release_id": 7}]'), kind: 'malformed' },
  {
    name: 'no id',
    ...at(release, '[{"state": "deployed"}]'),
    kind: 'malformed',
    says: /without "release_id"/,
  },
  {
    name: 'a host name that is a list',
    ...at(queryHosts, '{"data": [{"hostname": ["h"]}]}'),
    kind: 'malformed',
  },
  { name: 'a state that is an object', ...at(deploy, '[{"state": {}}]'), kind: 'malformed' },
  {
    name: 'a patch state that is a number',
    ...at(query, '{"pd": {"P": {"patchstate": 1}}}'),
    kind: 'malformed',
  },
  {
    name: 'one bad record among good ones',
    ...at(release, releasesOfStx10.replace(']}]', ']}, {"release_id": null}]')),
    kind: 'malformed',
  },
  {
    name: 'an id only in the prototype',
    ...at(release, '[{"__proto__": {"release_id": "r"}}]'),
    kind: 'malformed',
    says: /without "release_id"/,
  },
  {
    name: 'hosts only in the prototype',
    ...at(queryHosts, '{"__proto__": {"data": []}}'),
    kind: 'malformed',
  },
]

const twice: readonly BadInput[] = [
  { name: 'release_id', ...at(release, '[{"release_id": "a", "release_id": "b"}]'), kind: 'malformed' },
  {
    name: 'release_id, once spelt with escapes',
    ...at(release, '[{"release_id": "a", "rel\\u0065ase\\u005Fid": "b"}]'),
    kind: 'malformed',
  },
  {
    name: 'region_name',
    ...at(deploy, '[{"state": "host", "region_name": "a-good", "region_name": "z-good"}]'),
    kind: 'malformed',
  },
  {
    name: 'region_name, spelt in two ways',
    ...at(release, '[{"release_id": "a", "region\\u005fname": "a-good", "region_name": "z-good"}]'),
    kind: 'malformed',
  },
  {
    name: 'hostname',
    ...at(queryHosts, '{"data": [{"hostname": "a", "hostname": "b"}]}'),
    kind: 'malformed',
  },
  { name: 'a patch id', ...at(query, '{"pd": {"P": {}, "\\u0050": {}}}'), kind: 'malformed' },
  { name: '"data"', ...at(queryHosts, `{"data": [], ${hostsOfOstree('24.09').slice(1)}`), kind: 'malformed' },
]

const refusals: readonly BadInput[] = [
  { name: 'an "error" beside a 200', does: answers('{"error": "no"}'), kind: 'rejected', says: /: no$/ },
  { name: 'an "error" that is an object', does: answers('{"error": {"code": 1}}'), kind: 'rejected' },
  {
    name: 'an "error" beside good data',
    ...at(queryHosts, `{"error": "half of it", ${hostsOfOstree('24.09').slice(1)}`),
    kind: 'rejected',
  },
  {
    name: '401',
    does: answers(html, { status: '401 Unauthorized' }),
    kind: 'unauthorized',
    says: /HTTP 401/,
  },
  { name: '403', does: answers(html, { status: '403 Forbidden' }), kind: 'unauthorized', says: /HTTP 403/ },
  { name: '404', does: answers(html, { status: '404 Not Found' }), kind: 'rejected', says: /HTTP 404/ },
  { name: '429', does: answers(html, { status: '429 Too Many Requests' }), kind: 'rejected' },
  {
    name: '500',
    does: answers(html, { status: '500 Internal Server Error' }),
    kind: 'broken',
    says: /HTTP 500/,
  },
  {
    name: '503',
    does: answers(html, { status: '503 Service Unavailable' }),
    kind: 'broken',
    says: /HTTP 503/,
  },
  {
    name: '206 with good data',
    does: answers(releasesOfStx10, { status: '206 Partial Content' }),
    kind: 'malformed',
  },
  { name: '999', does: answers('[]', { status: '999 Beyond' }), kind: 'broken' },
]

const odd = '{"__proto__": {"state": "deployed"}, "constructor": {"prototype": 7}, "toString": 1'
const prototypes: readonly Misbehaviour[] = [
  { name: release, does: answersAt(release, `[${odd}, "release_id": "__proto__"}]`) },
  { name: queryHosts, does: answersAt(queryHosts, `{"data": [${odd}, "hostname": "constructor"}]}`) },
  { name: query, does: answersAt(query, `{"pd": {"__proto__": ${odd}, "patchstate": "Applied"}}}`) },
]

const redirects = [
  '301 Moved Permanently',
  '302 Found',
  '307 Temporary Redirect',
  '308 Permanent Redirect',
].map((status): BadInput => ({
  name: status,
  does(socket) {
    const location = `Location: ${elsewhere.url.href}v1/release`
    socket.end(answer(releasesOfStx10, { status, headers: [location, 'Refresh: 0'] }))
  },
  kind: 'broken',
  says: /HTTP 30\d/,
}))

let elsewhere: RawRegion
beforeAll(async () => {
  elsewhere = await createRawRegion((socket) => socket.destroy())
})
afterAll(() => elsewhere.close())

const fleet = useFleet([...notJson, ...wrongTypes, ...twice, ...refusals, ...redirects, ...prototypes])

test.each(notJson)('$name: $kind', (input) => fleet.expectKeptApart(input))

test.each(wrongTypes)('the wrong type, $name: $kind', (input) => fleet.expectKeptApart(input))

test.each(twice)('the identity key $name twice: $kind', (input) => fleet.expectKeptApart(input))

test.each(refusals)('a refusal, $name: $kind', (input) => fleet.expectKeptApart(input))

test.each(redirects)('a redirect, $name: broken, and its target is not contacted', async (input) => {
  await fleet.expectKeptApart(input)
  expect(elsewhere.connections()).toBe(0)
})

test.each(prototypes)(
  'keys of the prototype $name are served as they came; nobody else has them',
  async (input) => {
    const pair = fleet.pairOf(input)
    const path = input.name
    const { regions, text } = await pair.get(path)
    expect(regions).toContain('fresh=4,')
    expect(text).toContain(
      path === query ? '"__proto__":{' : `{"region_name":"${pair.names.bad}",${odd.slice(1)}`,
    )
    for (const record of (await pair.getOthers(path)).text.split('{"region_name":').slice(1)) {
      expect(text).toContain(record.slice(0, -3))
    }
    expect(({} as Record<string, unknown>)['state']).toBeUndefined()
  },
)
