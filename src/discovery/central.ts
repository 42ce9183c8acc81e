import type { Region } from '../model/region.ts'
import type { CatalogEndpoint } from '../upstream/keystone.ts'

export interface CatalogOptions {
  /** The first that a service has is taken. */
  readonly interfaces: readonly string[]
  /** The region whose release writes go to `SystemController`, its other name for itself. */
  readonly centralRegion: string
  /** The Keystone that gave the catalog. */
  readonly keystone: URL
  readonly credentials: string
}

/** A name that a system controller has beside its own: its proxy keeps a copy of releases for subclouds (dcorch). */
const systemController = 'SystemController'

/** The regions of a Keystone catalog that have an update service, by name. */
export function regionsOfCatalog(catalog: readonly CatalogEndpoint[], options: CatalogOptions): Region[] {
  const names = new Set(
    catalog.filter(({ type }) => type === 'usm' || type === 'patching').map(({ region }) => region),
  )
  const writes = endpointIn(catalog, 'usm', systemController, options.interfaces)
  names.delete(systemController)
  return [...names].map((name): Region => {
    const usm = endpointIn(catalog, 'usm', name, options.interfaces)
    const patching = endpointIn(catalog, 'patching', name, options.interfaces)
    const own = endpointIn(catalog, 'identity', name, options.interfaces)
    const isCentral = name === options.centralRegion
    return {
      name,
      subcloud: name,
      keystoneRegion: name,
      endpoints: {
        ...(usm && { usm }),
        ...(patching && { patching }),
        // The catalog may name an address that only the controller itself can reach: this one has just answered.
        keystone: isCentral || own === undefined ? options.keystone : withVersion(own),
        ...(isCentral && writes && { usmReleaseWrites: writes }),
      },
      credentials: options.credentials,
      labels: {},
    }
  })
}

function endpointIn(
  catalog: readonly CatalogEndpoint[],
  type: string,
  region: string,
  interfaces: readonly string[],
): URL | undefined {
  for (const name of interfaces) {
    const found = catalog.find(
      (each) => each.type === type && each.region === region && each.interface === name,
    )
    const url = found?.url.replace(/\/+$/, '').replace(/\/v1$/, '')
    if (url !== undefined && URL.canParse(url) && /^https?:/.test(url)) return new URL(url)
  }
  return undefined
}

function withVersion(url: URL): URL {
  return url.pathname.endsWith('/v3') ? url : new URL(`${url.href.replace(/\/+$/, '')}/v3`)
}
