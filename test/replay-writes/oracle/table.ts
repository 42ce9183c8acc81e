import type { Api } from '../../replay/recordings.ts'

/** A call of the contract that is sent by another method than GET. */
export type Kind = 'read' | 'write' | 'upload'

export interface Call {
  readonly name: string
  readonly kind: Kind
  /** Of releases or patches. */
  readonly ids: readonly string[]
  /** Host, and how: `controller-0/force`. */
  readonly host: string
  /** What the region's handler takes; the rest it ignores. */
  readonly takes: readonly string[]
}

const id = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}'
const ids = `(?<ids>${id}(?:/${id})*)`
const name = '[A-Za-z0-9][A-Za-z0-9._:-]{0,127}'
const host = `(?<host>${name})`
const forcedHost = `(?<host>${name}(?:/force)?)`
const rolledBackHost = `(?<host>${name}(?:/force|/rollback|/force/rollback|/rollback/force)?)`

type Row = readonly [name: string, kind: Kind, method: string, path: string, takes?: readonly string[]]

const deploying = ['releases', 'force', 'options', 'pre_upgrade_deploy']
const usm: readonly Row[] = [
  ['upload', 'upload', 'POST', '(?:upload|release)'],
  ['delete_release', 'write', 'DELETE', `release/${ids}`],
  ['commit_release', 'write', 'POST', `release/${ids}/commit`],
  ['commit_dry_run', 'read', 'POST', `release/${ids}/commit_dry_run`],
  ['precheck', 'write', 'POST', `deploy(?:/(?<ids>${id}))?/precheck`, [...deploying, 'region_name']],
  ['start', 'write', 'POST', `deploy(?:/(?<ids>${id}))?/start`, [...deploying, 'remove']],
  ['select', 'write', 'POST', 'deploy/select', ['releases', 'pre_upgrade_deploy', 'remove']],
  ['unselect', 'write', 'POST', 'deploy/unselect', ['releases', 'pre_upgrade_deploy', 'unselect_all']],
  ['install_local', 'write', 'POST', 'deploy_host/install_local', ['delete']],
  ['deploy_host', 'write', 'POST', `deploy_host/${rolledBackHost}`, ['force']],
  ['activate', 'write', 'POST', 'deploy/activate'],
  ['activate_rollback', 'write', 'POST', 'deploy/activate[_-]rollback'],
  ['complete', 'write', 'POST', 'deploy/complete'],
  ['abort', 'write', 'POST', 'deploy/abort'],
  ['software_sync', 'write', 'POST', 'deploy/software_sync'],
  ['delete_deploy', 'write', 'DELETE', 'deploy(?:/delete)?'],
  ['init_system_deploy', 'write', 'POST', `system_deploy/(?<ids>${id})/init`, ['kube_version']],
  ['delete_system_deploy', 'write', 'DELETE', 'system_deploy'],
]

const patching: readonly Row[] = [
  ['upload', 'upload', 'POST', 'upload'],
  ['apply', 'write', 'POST', `apply/${ids}`, ['skip-semantic']],
  ['remove', 'write', 'POST', `remove/${ids}`, ['removeunremovable', 'skipappcheck', 'skip-semantic']],
  ['delete', 'write', 'POST', `delete/${ids}`],
  ['commit', 'write', 'POST', `commit/${ids}`],
  ['host_install', 'write', 'POST', `host_install/${host}`],
  ['host_install_async', 'write', 'POST', `host_install_async/${forcedHost}`],
  ['drop_host', 'write', 'POST', `drop_host/${host}`],
  ['init_release', 'write', 'POST', `init_release/(?<ids>${id})`],
  ['del_release', 'write', 'POST', `del_release/(?<ids>${id})`],
  ['report_app_dependencies', 'write', 'POST', `report_app_dependencies(?:/${ids})?`, ['app']],
  ['query', 'read', 'POST', 'query', ['show', 'release']],
  ['query_hosts', 'read', 'POST', 'query_hosts'],
  ['show', 'read', 'POST', `show/${ids}`],
  ['what_requires', 'read', 'POST', `what_requires/${ids}`],
  ['query_dependencies', 'read', 'POST', `query_dependencies/${ids}`, ['recursive']],
  ['is_applied', 'read', 'POST', `is_applied/${ids}`],
  ['is_available', 'read', 'POST', `is_available/${ids}`],
  ['query_app_dependencies', 'read', 'POST', 'query_app_dependencies'],
  ['commit_dry_run', 'read', 'POST', `commit_dry_run/${ids}`],
]

/** A path that ends in one of these without being a row's is a mistake, and names no release. */
const words = new Set([...usm, ...patching].flatMap(([, , , path]) => path.match(/[a-z_]{4,}/g) ?? []))
for (const word of ['host', 'force', 'rollback']) words.delete(word)
for (const word of ['is_available', 'is_deployed', 'is_committed', 'metapackage', 'next']) words.add(word)

/** The row that a request is, or undefined: then the gateway has no such call. */
export function callAt(api: Api, method: string, pathname: string): Call | undefined {
  const path = decoded(pathname)
  if (path === undefined) return undefined
  for (const [name, kind, by, pattern, takes = []] of api === 'usm' ? usm : patching) {
    const match = method === by ? new RegExp(`^/v1/${pattern}/?$`).exec(path) : null
    if (match === null) continue
    const named = match.groups?.['ids']?.split('/') ?? []
    const hostNamed = match.groups?.['host'] ?? ''
    if ([...named, hostNamed.split('/')[0] ?? ''].some((each) => words.has(each))) return undefined
    return { name, kind, ids: named, host: hostNamed, takes }
  }
  return undefined
}

/** Undefined where an encoded separator would make it another path at the region. */
function decoded(pathname: string): string | undefined {
  try {
    const segments = pathname.split('/').map(decodeURIComponent)
    return segments.some((segment) => /[/\\;%?#]/.test(segment)) ? undefined : segments.join('/')
  } catch {
    return undefined
  }
}
