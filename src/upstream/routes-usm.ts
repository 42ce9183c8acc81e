import type { Intent } from '../model/intent.ts'
import type { JsonObject } from '../model/reading.ts'
import type { UsmCall } from '../model/region-calls.ts'
import { isObject } from './json.ts'
import { always, CannotDo, type CallRoute, type CallRoutes, type Step } from './route.ts'

/** Sent as it was asked. */
const same: CallRoute = {
  steps: ({ method, path, query }) => [{ method, path: path + query }],
}
/** The same, with the `{}` that upstream's own client sends. */
const action: CallRoute = { steps: ({ method, path }) => [{ method, path, body: {} }] }
/** Under the path that the region has, which is not the documented one. */
const at = (method: Step['method'], path: string): CallRoute => ({
  steps: ({ query }) => [{ method, path: path + query }],
})

/**
 * Upstream forces on the mere presence of the key, `false` or not (recording usm/stx10.0/precheck-force-false):
 * it is sent only where the caller means it.
 */
function forced({ force, parameters }: Intent): JsonObject {
  return { ...(force && { force: 'true' }), ...parameters }
}

/** A release that lacks a parameter would drop it silently. What is false or empty asks for nothing. */
function refuseThose(keys: readonly string[], { parameters }: Intent): JsonObject {
  const asked = Object.entries(parameters).filter(([, value]) => value !== false && value !== null)
  for (const [key] of asked) if (keys.includes(key)) throw new CannotDo(`its release has no "${key}"`)
  return Object.fromEntries(asked)
}

/** stx 10 to 12 deploy one release, named in the path. */
function ofOneRelease(action: 'precheck' | 'start', withOptions: boolean): CallRoute {
  return {
    steps(intent) {
      const [id, ...more] = intent.ids
      if (id === undefined) throw new CannotDo('its release needs to be told which release: name one')
      if (more.length > 0) throw new CannotDo('its release deploys one release at a time')
      const unknown = ['pre_upgrade_deploy', 'remove', ...(withOptions ? [] : ['options'])]
      const parameters = refuseThose(unknown, intent)
      return [{ method: 'POST', path: `/v1/deploy/${id}/${action}`, body: forced({ ...intent, parameters }) }]
    },
    ...(action === 'precheck' && { toDocumented: withHealth }),
  }
}

/** Master takes a list, in the body. */
function ofReleases(action: 'precheck' | 'start' | 'select' | 'unselect'): CallRoute {
  return {
    steps: (intent) => [
      {
        method: 'POST',
        path: `/v1/deploy/${action}`,
        body: { ...(intent.ids.length > 0 && { releases: intent.ids }), ...forced(intent) },
      },
    ],
    ...(action === 'precheck' && { toDocumented: withHealth }),
  }
}

/**
 * Older clients read `system_healthy`, master's reads it for each metapackage from `additional_data`
 * (recordings usm/stx12.0/precheck-options, usm/master/m-precheck-ok): each finds its own.
 */
function withHealth(value: unknown, { ids }: Intent): unknown {
  if (!isObject(value)) return value
  const { additional_data: perRelease, system_healthy: healthy } = value
  if (isObject(perRelease) && healthy === undefined) {
    const each = Object.values(perRelease)
    const all = each.length > 0 && each.every((one) => isObject(one) && one['system_healthy'] === true)
    return { ...value, system_healthy: all }
  }
  if (typeof healthy !== 'boolean' || perRelease !== undefined) return value
  const { info, warning, error } = value
  return { ...value, additional_data: { [ids[0] ?? '']: { info, warning, error, system_healthy: healthy } } }
}

/** Master's client fails without this key; older regions don't have it (docs/quirks.md, "Newer clients"). */
export function withPreUpgradeDeploy(value: unknown): unknown {
  const add = (record: unknown): unknown =>
    isObject(record) && !('pre_upgrade_deploy' in record) ? { ...record, pre_upgrade_deploy: false } : record
  return Array.isArray(value) ? value.map(add) : isObject(value) && !('error' in value) ? add(value) : value
}

const noMetapackages = 'its release has no metapackages'

/** What is the same in stx 10 to 12 and master. */
const rest = {
  show_versions: same,
  list_releases: same,
  show_release: same,
  is_available: same,
  is_deployed: same,
  is_committed: same,
  commit_dry_run: action,
  show_software_upgrade: at('GET', '/v1/deploy/software_upgrade'),
  next_deploy_host: same,
  show_in_sync_controller: same,
  upload_release: { steps: () => [{ method: 'POST', path: '/v1/release', body: 'upload' }] },
  delete_release: same,
  commit_release: action,
  install_local: { steps: ({ parameters, path }) => [{ method: 'POST', path, body: parameters }] },
  deploy_host: {
    // Wherever `force` was said, regions read it from the path.
    steps({ host, force, rollback }) {
      const flags = `${rollback ? '/rollback' : ''}${force ? '/force' : ''}`
      return [{ method: 'POST', path: `/v1/deploy_host/${host}${flags}` }]
    },
  },
  activate_deployment: action,
  roll_back_activation: {
    steps: () => [{ method: 'POST', path: '/v1/deploy/activate_rollback', body: {} }],
  },
  complete_deployment: action,
  abort_deployment: action,
  delete_deployment: same,
  sync_software: action,
} satisfies Partial<CallRoutes<UsmCall>>

export const usmStx10Calls: CallRoutes<UsmCall> = {
  ...rest,
  show_deployment: { ...same, toDocumented: withPreUpgradeDeploy },
  list_deploy_hosts: { ...same, toDocumented: withPreUpgradeDeploy },
  precheck: ofOneRelease('precheck', false),
  start_deployment: ofOneRelease('start', false),
  // Newer clients ask for these at each refresh, and fail where they are refused.
  list_metapackages: always([]),
  select_releases: noMetapackages,
  unselect_releases: noMetapackages,
  show_system_deploy: always([]),
  init_system_deploy: 'its release has no system deployments',
  delete_system_deploy: 'its release has no system deployments',
}

/** stx 11 and 12. */
export const usmStx11Calls: CallRoutes<UsmCall> = {
  ...usmStx10Calls,
  precheck: ofOneRelease('precheck', true),
  start_deployment: ofOneRelease('start', true),
}

export const usmMasterCalls: CallRoutes<UsmCall> = {
  ...rest,
  show_deployment: same,
  list_deploy_hosts: same,
  precheck: ofReleases('precheck'),
  start_deployment: ofReleases('start'),
  list_metapackages: same,
  select_releases: ofReleases('select'),
  unselect_releases: ofReleases('unselect'),
  show_system_deploy: same,
  init_system_deploy: {
    steps: ({ parameters, path }) => [{ method: 'POST', path, body: parameters }],
  },
  delete_system_deploy: same,
}
