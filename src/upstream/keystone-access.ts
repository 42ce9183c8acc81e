import type { Region } from '../model/region.ts'
import { catalogEndpoint } from './keystone.ts'
import { createKeystoneSession, type KeystoneSessionOptions } from './keystone-session.ts'
import type { Access } from './token.ts'

/** Logs in at the region's own Keystone, and finds in its catalog what the configuration does not say. */
export function createKeystoneAccess(region: Region, keystone: URL, options: KeystoneSessionOptions): Access {
  const session = createKeystoneSession(keystone, options)
  return {
    token: async () => (await session.current()).token,
    refused: (token) => session.refused(token),
    endpoint: async (service) =>
      catalogEndpoint((await session.current()).catalog, service, region.keystoneRegion),
    passwordExpiresAt: () => {
      const expiry = session.last()?.passwordExpiresAt
      // Keystone writes UTC without saying so.
      return expiry === undefined || expiry === null ? undefined : Date.parse(`${expiry.replace(/Z$/, '')}Z`)
    },
    close: () => session.close(),
  }
}
