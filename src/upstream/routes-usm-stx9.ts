import type { Release } from '../model/facts.ts'
import type { Intent } from '../model/intent.ts'
import type { UsmCall } from '../model/region-calls.ts'
import { field, isObject } from './json.ts'
import { always, CannotDo, type CallRoute, type CallRoutes, type Look, type Step } from './route.ts'
import { stx9Deployments, stx9DeployHosts, stx9Releases, stx9Upgrade } from './usm-stx9.ts'
import { withPreUpgradeDeploy } from './routes-usm.ts'

/**
 * stx 9 has a verb for each call, takes any method, and says most failures with a 200 (docs/quirks.md, "stx 9 speaks
 * RPC"). A read is sent by GET to verbs that only read.
 */
const verb = (name: string, toDocumented?: CallRoute['toDocumented']): CallRoute => ({
  steps: ({ query }) => [{ method: 'GET', path: `/v1/software/${name}${query}` }],
  ...(toDocumented && { toDocumented }),
})
const ofIds = (method: Step['method'], name: string): CallRoute => ({
  steps: ({ ids }) => [
    { method, path: `/v1/software/${name}/${ids.join('/')}`, ...(method === 'POST' && { body: {} }) },
  ],
})

/** `force` is a segment of the path here; only the precheck takes a parameter, and it can't do without. */
function ofOneRelease(name: string): CallRoute {
  return {
    steps({ ids, force, parameters }) {
      const [id, ...more] = ids
      if (id === undefined) throw new CannotDo('its release needs to be told which release: name one')
      if (more.length > 0) throw new CannotDo('its release deploys one release at a time')
      for (const key of ['options', 'pre_upgrade_deploy', 'remove']) {
        if (field(parameters, key)) throw new CannotDo(`its release has no "${key}"`)
      }
      const region = field(parameters, 'region_name')
      const body = region === undefined ? {} : { region_name: region }
      return [{ method: 'POST', path: `/v1/software/${name}/${id}${force ? '/force' : ''}`, body }]
    },
  }
}

/** Later releases act on the deployment under way; here each release of it is activated by its name. */
const activation: CallRoute = {
  async steps(_, look) {
    const releases = await beingDeployed(look)
    const ready = releases.filter(({ native_state }) => native_state === 'deploying-host')
    return (ready.length > 0 ? ready : releases.slice(-1)).map(({ id }) => ofRelease('deploy_activate', id))
  },
  succeeded: saysNoNot,
}

/** One call completes all that are activated. */
const completion: CallRoute = {
  async steps(_, look) {
    const releases = await beingDeployed(look)
    const ready = releases.findLast(({ native_state }) => /-(activate|complete)$/.test(native_state ?? ''))
    const last = ready ?? releases.at(-1)
    return last === undefined ? [] : [ofRelease('deploy_complete', last.id)]
  },
  succeeded: saysNoNot,
}

function ofRelease(name: string, id: string): Step {
  return { method: 'POST', path: `/v1/software/${name}/${id}`, body: {}, of: id }
}

/** "… is not deployed on host" is only info (recordings usm/stx9.0/activate, usm/stx9.0/complete). */
function saysNoNot(value: unknown): boolean {
  return !/ is not /.test(String(isObject(value) ? field(value, 'info') : ''))
}

/** A release and those that it requires are deployed together. */
async function beingDeployed(look: Look): Promise<readonly Release[]> {
  const { items: releases } = await look('release')
  const deploying = releases.filter(({ native_state }) => native_state?.startsWith('deploying'))
  if (deploying.length > 0) return deploying
  const [deployment] = (await look('deploy')).items
  const target = releases.filter(
    ({ sw_version }) => sw_version !== null && sw_version === deployment?.to_release,
  )
  if (target.length === 0) throw new CannotDo('no deployment is under way')
  return target
}

/** The record of the release in the path; undefined where the region has none. */
function oneRelease(value: unknown, { ids }: Intent): unknown {
  const all = stx9Releases(value)
  if (!Array.isArray(all)) return value
  if (ids.length > 1) return undefined
  return all.find((record) => isObject(record) && record['release_id'] === ids[0]) as unknown
}

const none = (what: string): string => `stx 9 ${what}`

export const usmStx9Calls: CallRoutes<UsmCall> = {
  show_versions: { steps: ({ path }) => [{ method: 'GET', path }] },
  list_releases: verb('query', stx9Releases),
  list_metapackages: always([]),
  show_release: verb('query', oneRelease),
  is_available: ofIds('GET', 'is_available'),
  is_deployed: ofIds('GET', 'is_deployed'),
  is_committed: ofIds('GET', 'is_committed'),
  commit_dry_run: ofIds('POST', 'commit_dry_run'),
  show_deployment: verb('deploy_show', (value) => withPreUpgradeDeploy(stx9Deployments(value))),
  show_software_upgrade: verb('deploy_show', stx9Upgrade),
  list_deploy_hosts: verb('host_list', (value) => withPreUpgradeDeploy(stx9DeployHosts(value))),
  next_deploy_host: none('does not say which host comes next'),
  show_in_sync_controller: verb('in_sync_controller'),
  show_system_deploy: always([]),
  upload_release: { steps: () => [{ method: 'POST', path: '/v1/software/upload', body: 'upload' }] },
  delete_release: ofIds('POST', 'delete'),
  commit_release: ofIds('POST', 'commit_patch'),
  precheck: ofOneRelease('deploy_precheck'),
  start_deployment: ofOneRelease('deploy_start'),
  select_releases: none('has no metapackages'),
  unselect_releases: none('has no metapackages'),
  install_local: {
    steps({ parameters }) {
      if (field(parameters, 'delete') === true) throw new CannotDo(none('cannot take a local install back'))
      return [{ method: 'POST', path: '/v1/software/install_local', body: {} }]
    },
  },
  deploy_host: {
    steps({ host, force, rollback }) {
      if (rollback) throw new CannotDo(none('cannot roll back a host'))
      return [{ method: 'POST', path: `/v1/software/deploy_host/${host}${force ? '/force' : ''}`, body: {} }]
    },
  },
  activate_deployment: activation,
  roll_back_activation: none('cannot roll back an activation'),
  complete_deployment: completion,
  abort_deployment: none('cannot abort a deployment'),
  delete_deployment: none('keeps no finished deployment to delete'),
  sync_software: none('shares its data without being asked'),
  init_system_deploy: none('has no system deployments'),
  delete_system_deploy: none('has no system deployments'),
}
