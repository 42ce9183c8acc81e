import { describe, expect, test } from 'vitest'
import { regionsOfCatalog, type CatalogOptions } from '../../src/discovery/central.ts'
import { endpoint } from '../support/scripted-central.ts'

const options: CatalogOptions = {
  interfaces: ['internal', 'admin', 'public'],
  centralRegion: 'RegionOne',
  keystone: new URL('https://10.0.0.2:5001/v3'),
  credentials: 'fleet',
}
const central = [
  endpoint('usm RegionOne public', 'https://oam:15497/v1'),
  endpoint('usm RegionOne internal', 'http://10.0.0.2:5497/v1'),
  endpoint('usm RegionOne admin', 'https://10.0.0.2:5498/v1'),
  endpoint('usm SystemController internal', 'http://10.0.0.2:25497/v1'),
  endpoint('usm SystemController admin', 'https://10.0.0.2:25498/v1'),
  endpoint('identity RegionOne internal', 'http://controller:5000/v3'),
  endpoint('dcmanager SystemController internal', 'http://10.0.0.2:8119/v1.0'),
]

test('RegionOne and SystemController are one region; its release writes go to the other name', () => {
  expect(regionsOfCatalog(central, options)).toEqual({
    notes: [],
    regions: [
      {
        name: 'RegionOne',
        subcloud: 'RegionOne',
        keystoneRegion: 'RegionOne',
        endpoints: {
          usm: new URL('http://10.0.0.2:5497'),
          keystone: options.keystone,
          usmReleaseWrites: new URL('http://10.0.0.2:25497'),
        },
        credentials: 'fleet',
        labels: {},
      },
    ],
  })
})

test('the central region may have another name: only that one writes to SystemController', () => {
  const catalog = [...central, endpoint('usm east internal', 'http://10.0.0.9:5497')]
  const { regions } = regionsOfCatalog(catalog, { ...options, centralRegion: 'east' })
  expect(regions.map(({ name, endpoints }) => [name, endpoints.usmReleaseWrites?.href])).toEqual([
    ['RegionOne', undefined],
    ['east', 'http://10.0.0.2:25497/'],
  ])
})

test('up to stx 9 a central catalog lists its subclouds, each with a Keystone of its own', () => {
  const catalog = [
    ...central,
    endpoint('patching east admin', 'https://[fd01::2]:5492'),
    endpoint('identity east admin', 'https://[fd01::2]:5001'),
    endpoint('patching west admin', 'https://[fd02::2]:5492/v1/'),
  ]
  const { regions } = regionsOfCatalog(catalog, options)
  const addresses = regions.map(({ name, endpoints: { patching, keystone } }) => [
    name,
    patching?.href,
    keystone?.href,
  ])
  expect(addresses).toEqual([
    ['RegionOne', undefined, 'https://10.0.0.2:5001/v3'],
    ['east', 'https://[fd01::2]:5492/', 'https://[fd01::2]:5001/v3'],
    ['west', 'https://[fd02::2]:5492/', 'https://10.0.0.2:5001/v3'],
  ])
})

test.each([
  [['internal'], 'http://10.0.0.2:5497/'],
  [['admin', 'internal'], 'https://10.0.0.2:5498/'],
  [['public'], 'https://oam:15497/'],
])('of the interfaces %j the first that there is counts', (interfaces, usm) => {
  const { regions } = regionsOfCatalog(central, { ...options, interfaces })
  expect(regions[0]?.endpoints.usm?.href).toBe(usm)
})

describe('what is no use', () => {
  test('a region without an update service is none', () => {
    expect(regionsOfCatalog([endpoint('identity x admin', 'http://x:5000')], options).regions).toEqual([])
  })

  test.each(['not a URL', 'ftp://10.0.0.9', '', 'http://user:secret@10.0.0.9:5497'])(
    'an endpoint %j: the next interface counts',
    (url) => {
      const catalog = [endpoint('usm a internal', url), endpoint('usm a admin', 'http://10.0.0.9:5498')]
      expect(regionsOfCatalog(catalog, options).regions[0]?.endpoints.usm?.href).toBe('http://10.0.0.9:5498/')
    },
  )

  test('regions without a usable name are counted, not listed', () => {
    const catalog = ['', 'a,b', 'a*', 'a\u0000'].map((region) => ({
      ...endpoint('usm x internal', 'http://10.0.0.9:5497'),
      region,
    }))
    expect(regionsOfCatalog(catalog, options)).toEqual({
      regions: [],
      notes: ['4 regions without a usable name'],
    })
  })
})
