import type { Config } from '../config/schema.ts'
import type { Accounts } from '../upstream/access-from.ts'
import type { CreateHttpClient } from '../upstream/http.ts'
import { createCatalogSource } from './catalog.ts'
import type { CatalogOptions } from './central.ts'
import { createDcmanagerSource } from './dcmanager.ts'
import type { Source } from './source.ts'

type Discovery = Config['discovery'][number]

/** The way to sources: connections, and accounts to log in with. */
export interface WayOut {
  readonly http: CreateHttpClient
  readonly accounts: Accounts
  readonly userAgent: string
  /** Another one for each other way: what was opened on the one before is made anew. */
  readonly number: number
}

/** The configured sources, in the order of their precedence: dcmanagers before catalogs. */
export function sourcesOf(config: Config, wayOut: WayOut): readonly Source[] {
  const ranked = config.discovery.toSorted((a, b) => rank(a) - rank(b))
  return ranked.map((discovery) => sourceOf(discovery, config, wayOut))
}

const rank = ({ kind }: Discovery): number => (kind === 'dcmanager' ? 0 : 1)

function sourceOf(
  discovery: Discovery,
  config: Config,
  { http, accounts, userAgent, number }: WayOut,
): Source {
  const { credentials, interval, max_shrink: maxShrink, central_region: centralRegion } = discovery
  const settings = JSON.stringify([discovery, config.credentials_for, number])
  const forRegions = discovery.region_credentials ?? credentials
  const keystone =
    discovery.kind === 'dcmanager'
      ? (discovery.keystone ?? keystoneBeside(discovery.url))
      : discovery.keystone
  const session = (): ReturnType<Accounts['sessionAt']> & {} => {
    const opened = accounts.sessionAt(keystone, credentials)
    if (opened === undefined) throw new Error(`no credentials "${credentials}"`)
    return opened
  }
  const catalog: CatalogOptions = {
    interfaces: interfacesOf(discovery),
    centralRegion,
    keystone,
    credentials: forRegions,
  }
  if (discovery.kind === 'keystone_catalog')
    return createCatalogSource({ settings, interval, maxShrink, session, catalog })
  return createDcmanagerSource({
    settings,
    interval,
    maxShrink,
    url: discovery.url,
    session: session(),
    http,
    userAgent,
    central: catalog,
    subclouds: {
      templates: discovery.endpoints,
      credentialsFor: (labels) =>
        config.credentials_for.find(({ labels: wanted }) =>
          Object.entries(wanted).every(([key, value]) => labels[key] === value),
        )?.credentials ?? forRegions,
    },
  })
}

/** The central region is reached from within, subclouds by their admin endpoints; the other way is better than none. */
function interfacesOf({ kind, interface: wanted }: Discovery): readonly string[] {
  if (wanted !== undefined) return [wanted]
  return kind === 'dcmanager' ? ['internal', 'admin', 'public'] : ['admin', 'internal', 'public']
}

/** Where upstream puts Keystone beside dcmanager. */
function keystoneBeside(url: URL): URL {
  return new URL(
    url.protocol === 'https:' ? `https://${url.hostname}:5001/v3` : `http://${url.hostname}:5000/v3`,
  )
}
