import type { Resource } from '../model/reading.ts'
import type { CallRoute } from './route.ts'
import { patchingCalls } from './routes-patching.ts'
import { usmMasterCalls, usmStx10Calls, usmStx11Calls } from './routes-usm.ts'
import { usmStx9Calls } from './routes-usm-stx9.ts'
import { stx9Deployments, stx9DeployHosts, stx9Releases, stx9Upgrade } from './usm-stx9.ts'

/** How one resource is asked for in one dialect. */
export interface Route {
  readonly path: (id: string) => string
  /** Turns the region's answer into the documented shape, where it has another. */
  readonly toDocumented?: (value: unknown) => unknown
}

export const dialectNames = [
  'usm-stx9',
  'usm-stx10',
  'usm-stx11',
  'usm-master',
  'patching-rpm',
  'patching-ostree',
] as const
export type DialectName = (typeof dialectNames)[number]

/** Whether a text is the name of a dialect that there is. */
export function isDialectName(name: string): name is DialectName {
  return dialectNames.some((known) => known === name)
}

/** One wire language. A resource that it lacks is one that such a region can't be asked for. */
export interface Dialect {
  readonly name: DialectName
  readonly routes: { readonly [R in Resource]?: Route }
  /** By the name of a row of the table of calls: how it is sent, or why it can't be. */
  readonly calls: Readonly<Record<string, CallRoute | string>>
}

const at = (path: string, toDocumented?: Route['toDocumented']): Route => ({
  path: () => path,
  ...(toDocumented && { toDocumented }),
})

/** stx 10 to 12, and all reads of master: they differ in their writes. */
const usmRest: Dialect['routes'] = {
  release: at('/v1/release'),
  deploy: at('/v1/deploy'),
  deploy_host: at('/v1/deploy_host'),
  software_upgrade: at('/v1/deploy/software_upgrade'),
  in_sync_controller: at('/v1/software/in_sync_controller'),
}

const patching: Dialect['routes'] = {
  query: at('/v1/query'),
  query_hosts: at('/v1/query_hosts'),
  show: { path: (id) => `/v1/show/${encodeURIComponent(id)}` },
}

export const dialects: { readonly [Name in DialectName]: Dialect } = {
  'usm-stx9': {
    name: 'usm-stx9',
    routes: {
      release: at('/v1/software/query', stx9Releases),
      deploy: at('/v1/software/deploy_show', stx9Deployments),
      deploy_host: at('/v1/software/host_list', stx9DeployHosts),
      software_upgrade: at('/v1/software/deploy_show', stx9Upgrade),
      in_sync_controller: at('/v1/software/in_sync_controller'),
    },
    calls: usmStx9Calls,
  },
  'usm-stx10': { name: 'usm-stx10', routes: usmRest, calls: usmStx10Calls },
  'usm-stx11': { name: 'usm-stx11', routes: usmRest, calls: usmStx11Calls },
  'usm-master': { name: 'usm-master', routes: usmRest, calls: usmMasterCalls },
  'patching-rpm': { name: 'patching-rpm', routes: patching, calls: patchingCalls },
  'patching-ostree': { name: 'patching-ostree', routes: patching, calls: patchingCalls },
}
