import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  namesOfGroups,
  regionsOfSubclouds,
  type KnownRegions,
  type SubcloudOptions,
} from '../../src/discovery/subclouds.ts'
import { UpstreamError } from '../../src/upstream/error.ts'
import { secret, subcloudEntry } from '../support/scripted-central.ts'

const options: SubcloudOptions = {
  templates: {
    keystone: 'https://{ip}:5001/v3',
    usm: 'https://{ip}:5498',
    patching: 'https://{ip}:5492',
  },
  credentialsFor: ({ group }) => (group === 'lab' ? 'lab' : 'fleet'),
}
const groups = new Map([
  [1, 'Default'],
  [2, 'lab'],
])
const found = (...entries: readonly unknown[]) => regionsOfSubclouds({ subclouds: entries }, groups, options)
const one = (more: Readonly<Record<string, unknown>>) => found(subcloudEntry(7, more)).regions[0]

test('a subcloud is a region: identity, name, addresses, labels and account', () => {
  expect(found(subcloudEntry(7))).toEqual({
    notes: [],
    regions: [
      {
        name: '00000000000000000000000000000007',
        subcloud: 'subcloud-7',
        keystoneRegion: '00000000000000000000000000000007',
        endpoints: {
          keystone: new URL('https://10.1.0.9:5001/v3'),
          usm: new URL('https://10.1.0.9:5498'),
          patching: new URL('https://10.1.0.9:5492'),
        },
        patchingGuessed: true,
        credentials: 'fleet',
        labels: { group: 'Default', software_version: '24.09' },
        unmanaged: false,
        offline: false,
      },
    ],
  })
})

test('up to stx 8 the region name is the name', () => {
  expect(one({ name: 'boston-1', 'region-name': 'boston-1' })).toMatchObject({
    name: 'boston-1',
    subcloud: 'boston-1',
  })
})

test.each([
  ['fd01::2', 'https://[fd01::2]:5498/'],
  ['FD01:0:0:0:0:0:0:2', 'https://[fd01::2]:5498/'],
  ['192.0.2.7', 'https://192.0.2.7:5498/'],
])('its address %s is bracketed where it is IPv6', (ip, usm) => {
  expect(one({ 'management-start-ip': ip })?.endpoints.usm?.href).toBe(usm)
})

test('templates say where services are, as often as they name the address', () => {
  const templates = { ...options.templates, usm: 'http://gw.example:8443/{ip}/usm/{ip}' }
  const { regions } = regionsOfSubclouds({ subclouds: [subcloudEntry(7)] }, groups, { ...options, templates })
  expect(regions[0]?.endpoints.usm?.href).toBe('http://gw.example:8443/10.1.0.9/usm/10.1.0.9')
})

test.each([
  ['22.12', true],
  ['24.09', true],
  ['25.09', true],
  ['26.03', false],
  ['26.10', false],
  ['nonsense', true],
  [undefined, true],
])('software %s: it may have Patching: %s', (version, patches) => {
  const { endpoints, patchingGuessed } = one({ 'software-version': version }) ?? { endpoints: {} }
  expect(endpoints.patching !== undefined).toBe(patches)
  expect(patchingGuessed === true).toBe(patches)
})

test.each([
  ['managed', 'online', false, false],
  ['unmanaged', 'online', true, false],
  ['managed', 'offline', false, true],
  ['unmanaged', 'offline', true, true],
  [undefined, undefined, false, false],
])('%s and %s', (management, availability, unmanaged, offline) => {
  const more = { 'management-state': management, 'availability-status': availability }
  expect(one(more)).toMatchObject({ unmanaged, offline })
})

test('the group is a label, and labels choose the account', () => {
  expect(one({ group_id: 2 })).toMatchObject({ credentials: 'lab', labels: { group: 'lab' } })
  expect(one({ group_id: 3 })?.labels).toEqual({ software_version: '24.09' })
  expect(one({ group_id: null })?.labels).toEqual({ software_version: '24.09' })
})

test('a subcloud that did not change is the region that it was; what left is not kept', () => {
  const known: KnownRegions = new Map()
  const read = (...entries: readonly unknown[]) =>
    regionsOfSubclouds({ subclouds: entries }, groups, options, known).regions
  const [first, second] = read(subcloudEntry(1), subcloudEntry(2), subcloudEntry(3))
  const changed = subcloudEntry(2, { 'availability-status': 'offline' })
  const again = read(subcloudEntry(1, { 'updated-at': '2026-11-22 06:00:00' }), changed)
  expect(again[0]).toBe(first)
  expect(again[1]).toEqual({ ...second, offline: true })
  expect([...known.values()]).toEqual(again)
})

test('groups by their id; what is no group is passed over', () => {
  const named = namesOfGroups({
    subcloud_groups: [{ id: 1, name: 'Default', description: '' }, { name: 'nobody' }, { id: 2 }, null, 'x'],
  })
  expect(named).toEqual(new Map([[1, 'Default']]))
  for (const strange of [undefined, null, [], {}, { subcloud_groups: {} }]) {
    expect(namesOfGroups(strange)).toBeUndefined()
  }
})

describe('an entry that can not be used is noted by its name or number, and the others stay', () => {
  test.each([
    ['no region name', { 'region-name': undefined }, 'subcloud subcloud-7: no usable region-name'],
    ['an empty one', { 'region-name': '' }, 'subcloud subcloud-7: no usable region-name'],
    ['one of spaces', { 'region-name': 'a b' }, 'subcloud subcloud-7: no usable region-name'],
    ['one with a slash', { 'region-name': '../x' }, 'subcloud subcloud-7: no usable region-name'],
    ['one of dots', { 'region-name': '..' }, 'subcloud subcloud-7: no usable region-name'],
    ['one with a semicolon', { 'region-name': 'a;b' }, 'subcloud subcloud-7: no usable region-name'],
    ['half a character', { 'region-name': 'a\ud800' }, 'subcloud subcloud-7: no usable region-name'],
    ['a number for a name', { name: 12 }, 'subcloud number 2: no usable name'],
    ['a name of two lines', { name: 'a\nb' }, 'subcloud number 2: no usable name'],
    ['a name that looks like another', { name: 'boston-1\u200b' }, 'subcloud number 2: no usable name'],
    ['no address', { 'management-start-ip': null }, 'subcloud subcloud-7: no management-start-ip'],
    [
      'a name for it',
      { 'management-start-ip': 'evil.example' },
      'subcloud subcloud-7: no management-start-ip',
    ],
    [
      'a zone in it',
      { 'management-start-ip': 'fe80::1%eth0' },
      'subcloud subcloud-7: no management-start-ip',
    ],
  ])('%s', (_, more, note) => {
    const { regions, notes } = found(subcloudEntry(1), subcloudEntry(7, more), subcloudEntry(2))
    expect(regions.map(({ subcloud }) => subcloud)).toEqual(['subcloud-1', 'subcloud-2'])
    expect(notes).toEqual([note])
  })

  test('what is no entry at all', () => {
    expect(found(null, 'x', 7, [subcloudEntry(1)]).notes).toEqual([
      'subcloud number 1: not an object',
      'subcloud number 2: not an object',
      'subcloud number 3: not an object',
      'subcloud number 4: not an object',
    ])
  })

  test('the same region name twice: the first is asked', () => {
    const { regions, notes } = found(
      subcloudEntry(7),
      subcloudEntry(8, { 'region-name': '7'.padStart(32, '0') }),
    )
    expect(regions.map(({ subcloud }) => subcloud)).toEqual(['subcloud-7'])
    expect(notes).toEqual([
      'subcloud subcloud-8: subcloud-7 has its region name already; only subcloud-7 is asked',
    ])
  })
})

test.each([null, 'subclouds', {}, { subclouds: null }, { subclouds: {} }, { Subclouds: [] }])(
  '%j is no list of subclouds',
  (body) => {
    expect(() => regionsOfSubclouds(body, groups, options)).toThrow(UpstreamError)
  },
)

test('nothing but the named fields is ever looked at', () => {
  const allowed = new Set([
    'name',
    'region-name',
    'management-start-ip',
    'management-state',
    'availability-status',
    'software-version',
    'group_id',
  ])
  const entry = subcloudEntry(7)
  for (const key of Object.keys(entry)) {
    if (allowed.has(key)) continue
    Object.defineProperty(entry, key, {
      enumerable: true,
      get: () => {
        throw new Error(`${key} was looked at`)
      },
    })
  }
  expect(found(entry).regions).toHaveLength(1)
})

test('whatever an entry holds: regions have unique names, nothing throws, and no secret is told', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('a', 'b', '10.0.0.1', '::1', 'unmanaged', secret))
  const key = fc.constantFrom(...Object.keys(subcloudEntry(1)).filter((name) => name !== 'name'))
  const entry = fc.oneof(
    fc.jsonValue(),
    fc.tuple(fc.nat(5), fc.dictionary(key, value)).map(([n, more]) => subcloudEntry(n, more)),
  )
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
      const { regions, notes } = found(...entries)
      expect(new Set(regions.map(({ name }) => name)).size).toBe(regions.length)
      expect(regions.length + notes.length).toBe(entries.length)
      expect(notes.join()).not.toContain(secret)
    }),
  )
})
