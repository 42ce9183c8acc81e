import { isRegionName, type Region } from '../model/region.ts'
import { catalogEndpoint, type CatalogEndpoint } from '../upstream/keystone.ts'
import type { Found } from './source.ts'

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

/** The regions of a Keystone catalog that have an update service, by name; ones that can't be named are noted. */
export function regionsOfCatalog(catalog: readonly CatalogEndpoint[], options: CatalogOptions): Found {
  const all = new Set(
    catalog.filter(({ type }) => type === 'usm' || type === 'patching').map(({ region }) => region),
  )
  const names = new Set([...all].filter(isRegionName))
  const unnamed = all.size - names.size
  const writes = catalogEndpoint(catalog, 'usm', systemController, options.interfaces)
  names.delete(systemController)
  const regions = [...names].map((name): Region => {
    const usm = catalogEndpoint(catalog, 'usm', name, options.interfaces)
    const patching = catalogEndpoint(catalog, 'patching', name, options.interfaces)
    const own = catalogEndpoint(catalog, 'identity', name, options.interfaces)
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
  return { regions, notes: unnamed === 0 ? [] : [`${unnamed} regions without a usable name`] }
}

function withVersion(url: URL): URL {
  return url.pathname.endsWith('/v3') ? url : new URL(`${url.href.replace(/\/+$/, '')}/v3`)
}
