import type { ListenerName } from '../region/listeners.ts'
import { idOf } from './account.ts'

/** One service of a Keystone catalog, in Keystone's key order. */
export interface CatalogService {
  readonly endpoints: readonly CatalogEndpoint[]
  readonly id: string
  readonly type: string
  readonly name: string
}

interface CatalogEndpoint {
  readonly id: string
  readonly interface: 'public' | 'internal' | 'admin'
  readonly region_id: string
  readonly url: string
  readonly region: string
}

/** A region as a catalog shows it. */
export interface CatalogRegion {
  readonly name: string
  /** Where its services listen. */
  readonly endpoints: Partial<Readonly<Record<ListenerName, string>>>
}

export interface CatalogContents {
  /** The region whose Keystone this is: with all its interfaces. */
  readonly own: CatalogRegion
  /** Of a system controller up to stx 9: with their admin endpoints only. */
  readonly subclouds: readonly CatalogRegion[]
}

/** A system controller's second name for itself. */
export const systemController = 'SystemController'

const services: readonly (readonly [type: string, name: string, listener?: ListenerName])[] = [
  ['identity', 'keystone', 'keystone'],
  ['usm', 'usm', 'usm'],
  ['patching', 'patching', 'patching'],
  ['platform', 'sysinv'],
  ['dcmanager', 'dcmanager', 'dcmanager'],
  ['faultmanagement', 'fm'],
]

/** As recorded (keystone/22.0.2/020): a service without endpoints stands there with an empty list. */
export function catalogOf({ own, subclouds }: CatalogContents): CatalogService[] {
  return services.map(([type, name, listener]) => ({
    endpoints: listener ? endpointsOf(listener, own, subclouds) : [],
    id: idOf(`service ${own.name} ${name}`),
    type,
    name,
  }))
}

function endpointsOf(
  listener: ListenerName,
  own: CatalogRegion,
  subclouds: readonly CatalogRegion[],
): CatalogEndpoint[] {
  // dcmanager is in the catalog as SystemController's; USM is as both.
  const named = listener === 'dcmanager' ? systemController : own.name
  const proxy = listener === 'usm' ? own.endpoints.proxy : undefined
  return [
    ...allInterfaces(listener, named, own.endpoints[listener]),
    ...allInterfaces('proxy', systemController, proxy),
    ...subclouds.flatMap(({ name, endpoints }) => {
      const url = endpoints[listener]
      return url === undefined ? [] : [endpoint(listener, 'admin', name, url)]
    }),
  ]
}

const publicPorts: Readonly<Partial<Record<ListenerName, string>>> = { usm: '15497', patching: '15491' }

/** With TLS nobody listens at the public addresses; they are named as a real catalog names them. */
function allInterfaces(listener: ListenerName, region: string, url: string | undefined): CatalogEndpoint[] {
  if (url === undefined) return []
  const { protocol, hostname, port, pathname } = new URL(url)
  const plain = (at: string) => `http://${hostname}:${at}${pathname === '/' ? '' : pathname}`
  const internal = protocol === 'https:' ? String(Number(port) - 1) : port
  const open = protocol === 'https:' ? (publicPorts[listener] ?? internal) : port
  return [
    endpoint(listener, 'public', region, plain(open)),
    endpoint(listener, 'internal', region, plain(internal)),
    endpoint(listener, 'admin', region, url),
  ]
}

function endpoint(
  listener: ListenerName,
  name: CatalogEndpoint['interface'],
  region: string,
  url: string,
): CatalogEndpoint {
  const id = idOf(`endpoint ${listener} ${name} ${region}`)
  return { id, interface: name, region_id: region, url, region }
}
