import type { Json, JsonObject } from '../../replay/json.ts'
import { releaseIds } from './meaning.ts'
import type { Part } from './form.ts'
import type { Call } from './table.ts'

/** What a region's release speaks, told from what it answered and not from its name. */
export type Generation = 'stx9' | 'stx10' | 'stx11' | 'master' | 'patching'

/** One request that a region must get. */
export interface Send {
  readonly method: string
  readonly path: string
  readonly parameters: JsonObject
  /** Of an upload. */
  readonly files?: readonly Part[]
  readonly paths?: readonly string[]
  /** The one patch that it is about, where a call names several. */
  readonly of?: string
}

export interface Wish {
  readonly call: Call
  readonly method: string
  /** Documented, without a trailing slash. */
  readonly path: string
  readonly parameters: JsonObject
  readonly files?: readonly Part[]
  readonly paths?: readonly string[]
}

export interface Deploying {
  readonly id: string
  readonly state: string
}

/** What the region says of itself; some calls can't be worded without it. */
export interface Known {
  /** Its own name for itself. */
  readonly regionName: string
  /** stx 9: the releases that are being deployed, with their states; null where the region does not tell. */
  readonly deploying: readonly Deploying[] | null
}

/** Why nothing is sent; `untold` where that is the region's doing, and not the caller's. */
export interface Refused {
  readonly refused: string
  readonly untold?: true
}

const splitVerbs = new Set(['apply', 'remove', 'delete', 'commit'])

/** What is sent for a wish, in any order where there are several; or why nothing is. */
export function sendsFor(generation: Generation, wish: Wish, known: Known): readonly Send[] | Refused {
  const { call, path, method, files, paths } = wish
  const { releases, ...others } = wish.parameters
  const named = [...call.ids, ...(releases === undefined ? [] : (releaseIds(releases) ?? []))]
  const parameters = {
    ...others,
    ...(call.name === 'precheck' && { region_name: known.regionName }),
  }
  if (generation === 'patching') return toPatching(wish)
  if (generation === 'stx9') return toVerbs(wish, parameters, known)
  if (call.kind === 'upload') {
    return [{ method, path: '/v1/release', parameters, ...(files && { files }), ...(paths && { paths }) }]
  }
  if (call.name !== 'precheck' && call.name !== 'start') {
    const metapackages = ['select', 'unselect', 'init_system_deploy', 'delete_system_deploy']
    if (generation !== 'master' && metapackages.includes(call.name)) return { refused: 'no such call' }
    if (call.name === 'deploy_host')
      return [{ method, path: onHost('/v1/deploy_host', wish), parameters: {} }]
    if (call.name === 'activate_rollback')
      return [{ method, path: '/v1/deploy/activate_rollback', parameters }]
    const list = named.length > call.ids.length ? { releases: named } : {}
    return [{ method, path, parameters: { ...parameters, ...list } }]
  }
  if (generation === 'master') {
    const list = named.length > 0 ? { releases: named } : {}
    return [{ method, path: `/v1/deploy/${call.name}`, parameters: { ...parameters, ...list } }]
  }
  if (named.length !== 1) return { refused: 'one release at a time, named' }
  const lacking = ['pre_upgrade_deploy', 'remove', ...(generation === 'stx10' ? ['options'] : [])]
  if (lacking.some((name) => name in parameters)) return { refused: 'the release has no such parameter' }
  return [{ method, path: `/v1/deploy/${named[0]}/${call.name}`, parameters }]
}

/** How a host is deployed stands in the path, in any order; `force` may be said beside it. */
function onHost(path: string, { call, parameters }: Pick<Wish, 'call' | 'parameters'>): string {
  const flag = parameters['force'] === true && !call.host.endsWith('/force') ? '/force' : ''
  return withFlagsInOrder(`${path}/${call.host}${flag}`)
}

export function withFlagsInOrder(path: string): string {
  return path.replace(/\/force\/rollback$/, '/rollback/force')
}

function toPatching({ call, method, path, parameters, files, paths }: Wish): ReturnType<typeof sendsFor> {
  if (call.kind === 'upload') {
    if (paths !== undefined) return { refused: "Patching takes no paths on its region's controller" }
    return (files ?? []).map((file) => ({
      method,
      path,
      parameters,
      files: [{ ...file, name: 'file' }],
      of: file.fileName,
    }))
  }
  if (!splitVerbs.has(call.name)) return [{ method, path, parameters }]
  return [...new Set(call.ids)].map((id) => ({
    method,
    path: `/v1/${call.name}/${id}`,
    parameters,
    of: id,
  }))
}

const verbs: Readonly<Record<string, string>> = {
  delete_release: 'delete',
  commit_release: 'commit_patch',
  commit_dry_run: 'commit_dry_run',
  install_local: 'install_local',
  deploy_host: 'deploy_host',
  precheck: 'deploy_precheck',
  start: 'deploy_start',
  activate: 'deploy_activate',
  complete: 'deploy_complete',
}

function toVerbs(
  { call, files, paths }: Wish,
  parameters: JsonObject,
  { deploying }: Known,
): ReturnType<typeof sendsFor> {
  const post = { method: 'POST', parameters: {} }
  if (call.kind === 'upload') {
    return [{ ...post, path: '/v1/software/upload', ...(files && { files }), ...(paths && { paths }) }]
  }
  const verb = verbs[call.name]
  if (verb === undefined || call.host.includes('rollback') || parameters['delete'] === true)
    return { refused: 'stx 9 has no such call' }
  const path = `/v1/software/${verb}`
  const { force, region_name, ...others } = parameters
  if (call.name === 'precheck' || call.name === 'start') {
    if (call.ids.length !== 1 || Object.keys(others).length > 0) return { refused: 'stx 9 has no such way' }
    const named: Record<string, Json> = region_name === undefined ? {} : { region_name }
    const forced = force === true ? '/force' : ''
    return [{ ...post, path: `${path}/${call.ids[0]}${forced}`, parameters: named }]
  }
  if (call.name === 'activate' || call.name === 'complete') {
    if (deploying === null)
      return { refused: 'the region does not tell what is being deployed', untold: true }
    const last = deploying.at(-1)
    if (last === undefined) return { refused: 'nothing is being deployed' }
    const ready = deploying.filter(({ state }) =>
      call.name === 'activate' ? state === 'deploying-host' : /-(activate|complete)$/.test(state),
    )
    // Each is activated by its name; completing one completes all.
    const named = call.name === 'activate' && ready.length > 0 ? ready : [ready.at(-1) ?? last]
    return named.map(({ id }) => ({ ...post, path: `${path}/${id}`, of: id }))
  }
  if (call.name === 'deploy_host') return [{ ...post, path: onHost(path, { call, parameters }) }]
  const rest = call.ids.join('/')
  return [{ ...post, path: rest === '' ? path : `${path}/${rest}` }]
}
