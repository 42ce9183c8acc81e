import type { KeystoneSession } from '../upstream/keystone-session.ts'
import { regionsOfCatalog, type CatalogOptions } from './central.ts'
import type { Source } from './source.ts'

export interface CatalogSourceOptions extends Omit<Source, 'name' | 'find' | 'close'> {
  /** A new one for each find, as a token carries the catalog of its own time. */
  readonly session: () => KeystoneSession
  readonly catalog: CatalogOptions
}

/** Every region of a Keystone catalog that has an update service: stand-alone clouds, and centrals up to stx 9. */
export function createCatalogSource({ session, catalog, ...rest }: CatalogSourceOptions): Source {
  return {
    ...rest,
    name: `catalog of ${catalog.keystone.origin}`,
    async find() {
      const login = session()
      try {
        const found = await login.current()
        return regionsOfCatalog(found.catalog, catalog)
      } finally {
        login.close()
      }
    },
    close: () => undefined,
  }
}
