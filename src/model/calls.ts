import type { Service } from './region.ts'
import type { Resource } from './reading.ts'

/** How the answers of many regions become one. */
export type AnswerShape =
  /** An array of records. */
  | { readonly kind: 'array' }
  /** An array of records under a key. */
  | { readonly kind: 'wrapped'; readonly key: 'data' }
  /** One record picked by the id in the path; 404 where no region has it. */
  | { readonly kind: 'record' }
  /** A boolean about the record picked by the id in the path. */
  | {
      readonly kind: 'flag'
      readonly field: 'is_available' | 'is_deployed' | 'is_committed'
      readonly state: string
    }
  /** One object per region that has one. */
  | { readonly kind: 'objects' }
  /** Patches by id, with the state in each region. */
  | { readonly kind: 'patches' }
  /** Metadata and contents of the patch in the path. */
  | { readonly kind: 'contents' }

/** A parameter of one call, beside those that every read takes (selection, age, completeness). */
export type OwnParameter = 'show' | 'release'

/** One read of the two API references, or a real one that they get wrong. */
export interface ReadCall {
  readonly name: string
  readonly service: Service
  /** The first is the documented path; `{id}` stands for one segment. */
  readonly paths: readonly string[]
  readonly resource: Resource
  readonly shape: AnswerShape
  readonly parameters: readonly OwnParameter[]
  readonly summary: string
}

/**
 * The table of calls: routes, checks and documentation are made from it. What is not in it is not relayed.
 * `/usm` or `/patching` before a path is always allowed, and says which service is meant.
 */
export const readCalls: readonly ReadCall[] = [
  {
    name: 'list_releases',
    service: 'usm',
    paths: ['/v1/release'],
    resource: 'release',
    shape: { kind: 'array' },
    parameters: ['show', 'release'],
    summary: 'Releases of every region',
  },
  {
    name: 'show_release',
    service: 'usm',
    paths: ['/v1/release/{id}'],
    resource: 'release',
    shape: { kind: 'record' },
    parameters: [],
    summary: 'One release, in every region that has it',
  },
  ...(['available', 'deployed', 'committed'] as const).map((state): ReadCall => ({
    name: `is_${state}`,
    service: 'usm',
    paths: [`/v1/release/{id}/is_${state}`],
    resource: 'release',
    shape: { kind: 'flag', field: `is_${state}`, state },
    parameters: [],
    summary: `Whether a release is ${state}, per region`,
  })),
  {
    name: 'show_deployment',
    service: 'usm',
    paths: ['/v1/deploy'],
    resource: 'deploy',
    shape: { kind: 'array' },
    parameters: [],
    summary: 'Deployments under way',
  },
  {
    name: 'list_deploy_hosts',
    service: 'usm',
    paths: ['/v1/deploy_host'],
    resource: 'deploy_host',
    shape: { kind: 'array' },
    parameters: [],
    summary: 'Hosts of the deployments under way',
  },
  {
    name: 'show_software_upgrade',
    service: 'usm',
    paths: ['/v1/software_upgrade', '/v1/deploy/software_upgrade'],
    resource: 'software_upgrade',
    shape: { kind: 'objects' },
    parameters: [],
    summary: 'Release and state of the deployment under way, as other services see it',
  },
  {
    name: 'show_in_sync_controller',
    service: 'usm',
    paths: ['/v1/software/in_sync_controller'],
    resource: 'in_sync_controller',
    shape: { kind: 'objects' },
    parameters: [],
    summary: 'Whether both controllers of a region hold the same data',
  },
  {
    name: 'query_patches',
    service: 'patching',
    paths: ['/v1/query'],
    resource: 'query',
    shape: { kind: 'patches' },
    parameters: ['show', 'release'],
    summary: 'Patches of every region',
  },
  {
    name: 'query_hosts',
    service: 'patching',
    paths: ['/v1/query_hosts'],
    resource: 'query_hosts',
    shape: { kind: 'wrapped', key: 'data' },
    parameters: [],
    summary: 'Hosts of every region, patch-current or not',
  },
  {
    name: 'show_patch',
    service: 'patching',
    paths: ['/v1/show/{id}'],
    resource: 'show',
    shape: { kind: 'contents' },
    parameters: [],
    summary: 'One patch, in every region that has it',
  },
]

/** What the refresher keeps young; the other resources are asked when wanted, then held like any snapshot. */
export const backgroundResources: readonly { readonly service: Service; readonly resource: Resource }[] = [
  { service: 'usm', resource: 'release' },
  { service: 'usm', resource: 'deploy' },
  { service: 'usm', resource: 'deploy_host' },
  { service: 'patching', resource: 'query' },
  { service: 'patching', resource: 'query_hosts' },
]

export function isBackground(resource: Resource): boolean {
  return backgroundResources.some((background) => background.resource === resource)
}

/** The service that a resource belongs to. */
export function serviceOf(resource: Resource): Service {
  return resource === 'query' || resource === 'query_hosts' || resource === 'show' ? 'patching' : 'usm'
}
