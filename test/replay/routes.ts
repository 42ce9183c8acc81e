import type { Api } from './recordings.ts'

/** What a caller of the gateway can ask, each read of the contract once. */
export type Read =
  | 'releases'
  | 'release'
  | 'release_is'
  | 'deploy'
  | 'deploy_host'
  | 'software_upgrade'
  | 'in_sync_controller'
  | 'query'
  | 'query_hosts'
  | 'show'

/** A read and the id it names, where it names one (`flag`: which of `is_available` … is asked). */
export interface Question {
  readonly read: Read
  readonly id?: string
  readonly flag?: string
}

/** How a region words the reads: by verbs under /v1/software (stx 9), by resources, or as Patching. */
export type Wording = 'verbs' | 'resources' | 'patching'

const sentByWording: Readonly<Record<Wording, Readonly<Partial<Record<Read, string>>>>> = {
  verbs: {
    releases: '/v1/software/query',
    deploy: '/v1/software/deploy_show',
    deploy_host: '/v1/software/host_list',
    // stx 9 has no such call; its deployment says the same.
    software_upgrade: '/v1/software/deploy_show',
    in_sync_controller: '/v1/software/in_sync_controller',
  },
  resources: {
    releases: '/v1/release',
    deploy: '/v1/deploy',
    deploy_host: '/v1/deploy_host',
    software_upgrade: '/v1/deploy/software_upgrade',
    in_sync_controller: '/v1/software/in_sync_controller',
  },
  patching: { query: '/v1/query', query_hosts: '/v1/query_hosts', show: '/v1/show/{id}' },
}

/** Reads whose answer is taken from another read's. */
const sourceOf: Readonly<Partial<Record<Read, Read>>> = { release: 'releases', release_is: 'releases' }

const doorPaths: Readonly<Record<Read, string>> = {
  releases: '/v1/release',
  release: '/v1/release/{id}',
  release_is: '/v1/release/{id}/{flag}',
  deploy: '/v1/deploy',
  deploy_host: '/v1/deploy_host',
  software_upgrade: '/v1/software_upgrade',
  in_sync_controller: '/v1/software/in_sync_controller',
  query: '/v1/query',
  query_hosts: '/v1/query_hosts',
  show: '/v1/show/{id}',
}

const releaseFlags = new Set(['is_available', 'is_deployed', 'is_committed'])
const usmReads = new Set<Read>([
  'releases',
  'release',
  'release_is',
  'deploy',
  'deploy_host',
  'software_upgrade',
  'in_sync_controller',
])

/** The path that a gateway asks a region to learn this, or undefined where the region has nothing to ask. */
export function sentPath(wording: Wording, question: Question): string | undefined {
  const template = sentByWording[wording][sourceOf[question.read] ?? question.read]
  return template?.replace('{id}', encodeURIComponent(question.id ?? ''))
}

/** The path at the gateway's door 1, each id encoded. */
export function doorPath(question: Question): string {
  return doorPaths[question.read]
    .replace('{id}', encodeURIComponent(question.id ?? ''))
    .replace('{flag}', question.flag ?? '')
}

/** Whether an id is of the kind that a gateway puts into a path it sends. */
export function isPlainId(id: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id)
}

export function belongsTo(api: Api, question: Question): boolean {
  return usmReads.has(question.read) === (api === 'usm')
}

/** Reads a path of the gateway's own table; one trailing slash is forgiven. */
export function readAtDoor(pathname: string): Question | undefined {
  const [version, ...segments] = pathSegments(pathname)
  if (version !== 'v1') return undefined
  const [first, second, third] = segments.map(decodeSegment)
  if (segments.length === 1) {
    if (first === 'release') return { read: 'releases' }
    if (first === 'deploy' || first === 'deploy_host' || first === 'software_upgrade') return { read: first }
    if (first === 'query' || first === 'query_hosts') return { read: first }
  }
  if (segments.length === 2 && second !== undefined) {
    if (first === 'deploy' && second === 'software_upgrade') return { read: 'software_upgrade' }
    if (first === 'software' && second === 'in_sync_controller') return { read: 'in_sync_controller' }
    if (first === 'release') return { read: 'release', id: second }
    if (first === 'show') return { read: 'show', id: second }
  }
  if (segments.length === 3 && first === 'release' && second !== undefined && third !== undefined) {
    if (releaseFlags.has(third)) return { read: 'release_is', id: second, flag: third }
  }
  return undefined
}

/** Reads a path that a region knows under another name than the gateway's. */
export function readElsewhere(wording: Wording, pathname: string): Question | undefined {
  if (wording === 'patching') {
    if (pathname === '/v1/' || pathname === '/patch/') return { read: 'query' }
    return pathname.startsWith('/patch/') ? readAtDoor(pathname.replace('/patch/', '/v1/')) : undefined
  }
  if (wording === 'resources') return undefined
  const [version, area, verb, id, ...more] = pathSegments(pathname).map(decodeSegment)
  if (version !== 'v1' || area !== 'software' || verb === undefined || more.length > 0) return undefined
  if (id === undefined) {
    if (verb === 'query') return { read: 'releases' }
    if (verb === 'deploy_show') return { read: 'deploy' }
    if (verb === 'host_list') return { read: 'deploy_host' }
    return undefined
  }
  if (verb === 'show') return { read: 'release', id }
  return releaseFlags.has(verb) ? { read: 'release_is', id, flag: verb } : undefined
}

export function pathSegments(pathname: string): readonly string[] {
  return pathname.replace(/^\//, '').replace(/\/$/, '').split('/')
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
