import {
  breaks,
  clientCall,
  done,
  fails,
  methodAndPath,
  parsed,
  type ClientCall,
  type Read,
} from './client-call.ts'
import {
  anything,
  flag,
  isFalsy,
  isObject,
  list,
  map,
  object,
  text,
  unlessFalsy,
  type Need,
} from './needs.ts'

// The VIM: its calls of USM and, up to stx 12, of Patching, read in starlingx/nfv, nfvi_plugins/openstack/usm.py,
// patching.py, rest_api.py and nfvi_infrastructure_api.py. It keeps the path of its endpoint.

export type Vim = '10' | '11' | '12' | 'master'

export interface VimSubjects {
  readonly token: string
  readonly release: string
  readonly host: string
  readonly patch: string
}

export function vim(version: Vim, { token, release, host }: VimSubjects): ClientCall[] {
  const call = caller(`VIM ${version}`, token)
  const releases = answered(
    list(object({ release_id: text, state: text, sw_version: text, reboot_required: flag })),
  )
  const hosts = answered(unlessFalsy(list(object({ hostname: text, host_state: anything }))))
  const deploy = answered(
    unlessFalsy(list(object({ state: text, from_release: text, to_release: text, reboot_required: flag }))),
  )
  // The first VIM that rolls an activation back wrote it with a hyphen; no region knows that path.
  const rollback = version === '10' ? 'activate-rollback' : 'activate_rollback'
  const options = version === '10' ? {} : { options: ['snapshot=true'] }
  const own =
    version === 'master'
      ? [
          call(
            'release',
            `GET /v1/release/${release}`,
            answered(object({ release_id: text, reboot_required: flag })),
          ),
          call('system deploy', 'GET /v1/system_deploy', answered(unlessFalsy(list(anything)))),
          call('precheck', 'POST /v1/deploy/precheck', answered(perMetapackage), { releases: [release] }),
          call('start', 'POST /v1/deploy/start', answered(anything), { releases: [release] }),
        ]
      : [
          call(
            'precheck',
            `POST /v1/deploy/${release}/precheck`,
            answered(object({ system_healthy: anything })),
            {},
          ),
          call(
            'precheck, forced',
            `POST /v1/deploy/${release}/precheck`,
            answered(object({ system_healthy: anything })),
            {
              force: true,
              ...options,
            },
          ),
          call('start', `POST /v1/deploy/${release}/start`, answered(anything), {}),
        ]
  return [
    call('releases', 'GET /v1/release', releases),
    call('deploy', 'GET /v1/deploy', deploy),
    call('hosts', 'GET /v1/deploy_host', hosts),
    ...own,
    call('host', `POST /v1/deploy_host/${host}`, answered(anything), {}),
    call('host rollback', `POST /v1/deploy_host/${host}/rollback`, answered(anything), {}),
    call('activate', 'POST /v1/deploy/activate', answered(anything), {}),
    call('activate rollback', `POST /v1/deploy/${rollback}`, answered(anything), {}),
    call('complete', 'POST /v1/deploy/complete', answered(anything), {}),
    call('abort', 'POST /v1/deploy/abort', answered(anything), {}),
    call('delete', 'DELETE /v1/deploy', answered(anything)),
  ]
}

/** The same in every release that has it. */
export function vimPatching({ token, patch, host }: VimSubjects): ClientCall[] {
  const call = caller('VIM patching', token)
  return [
    call('query', 'GET /v1/query', answered(object({ pd: map(patchKeys) }))),
    call('query hosts', 'GET /v1/query_hosts', answered(object({ data: list(hostKeys) }))),
    call('apply', `POST /v1/apply/${patch}`, answered(anything)),
    call('install', `POST /v1/host_install_async/${host}`, answered(anything)),
  ]
}

const patchKeys = object({ sw_version: anything, repostate: anything, patchstate: anything })
const hostKeys = object({
  hostname: text,
  subfunctions: anything,
  sw_version: anything,
  requires_reboot: anything,
  patch_current: anything,
  state: anything,
  patch_failed: anything,
  interim_state: anything,
})

/** Master's precheck names the metapackages, and the versions from which up or down is told. */
const perMetapackage = object({
  additional_data: map(object({ system_healthy: flag })),
  from_release: text,
  to_release: text,
})

type Call = (command: string, at: string, read: Read, body?: unknown) => ClientCall

function caller(client: string, token: string): Call {
  return (command, at, read, body) => {
    const { method, path } = methodAndPath(at)
    const sent = body === undefined ? '' : JSON.stringify(body)
    const headers = {
      'Accept-Encoding': 'identity',
      'X-auth-token': token,
      Accept: 'application/json',
      ...(sent === ''
        ? { 'User-Agent': 'Python-urllib/3.11' }
        : { 'Content-type': 'application/json', 'User-Agent': 'vim/1.0' }),
      Connection: 'close',
    }
    return clientCall(client, command, { method, path, headers, body: sent }, read)
  }
}

/** Any 2xx is good, an empty one too; what is worse must be an object whose `error` is a text. */
function answered(need: Need): Read {
  return ({ status, body }) => {
    const json = body === '' ? { value: {} } : parsed(body)
    if (json === undefined) return breaks(`the body of HTTP ${status} is not JSON`)
    const { value } = json
    if (status >= 300) {
      if (!isObject(value)) return breaks(`HTTP ${status} with ${body}`)
      const words = value['error'] ?? value['info'] ?? ''
      return typeof words === 'string'
        ? fails(words)
        : breaks(`.error is ${JSON.stringify(words)}, not a string`)
    }
    if (isObject(value) && !isFalsy(value['error'])) return fails(String(value['error']))
    const why = need(value)
    return why === undefined ? done : breaks(why)
  }
}
