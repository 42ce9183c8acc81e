import {
  breaks,
  clientCall,
  done,
  fails,
  methodAndPath,
  parsed,
  type ClientCall,
  type Read,
  type Reading,
} from './client-call.ts'
import { anything, flag, isFalsy, isObject, list, object, text, type Need } from './needs.ts'

// The `software` command line with `--software-url` and `--os-auth-token`, read in starlingx/update,
// software-client/software_client: v1/deploy.py, v1/release.py and their shells, common/utils.py.

export type SoftwareCli = '10' | '11' | '12' | 'master'

/** What its commands are about. */
export interface Subjects {
  readonly token: string
  readonly release: string
  readonly host: string
}

/** Statuses that it has words for; 406 and 500 are not among them: their answers are read like a 200's. */
const worded = new Set(
  (
    '400 401 403 404 405 407 408 409 410 411 412 413 414 415 416 417 418 421 422 423 424 425 426 428 429 ' +
    '501 502 503 504 505 506 507 508 509 511'
  )
    .split(' ')
    .map(Number),
)

/** The commands of one release of the client. */
export function softwareCli(release: SoftwareCli, { token, release: id, host }: Subjects): ClientCall[] {
  const master = release === 'master'
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    'x-auth-token': token,
    'user-agent': 'Python-httplib2/0.20.4 (gzip)',
    'accept-encoding': 'gzip, deflate',
  }
  const call = (command: string, at: string, read: Read, body?: unknown): ClientCall => {
    const { method, path } = methodAndPath(at)
    const sent = body === undefined ? '' : JSON.stringify(body)
    const empty = method === 'POST' && sent === '' ? { 'Content-Length': '0' } : {}
    return clientCall(
      `software ${release}`,
      command,
      { method, path, headers: { ...empty, ...headers }, body: sent },
      read,
    )
  }
  const options = release === '10' ? {} : { options: ['snapshot=true'] }
  const releases = result(list(releaseRow(release)))
  const named = { releases: [id] }
  return [
    call('list', 'GET /v1/release', releases),
    call('list --state deployed', 'GET /v1/release?show=deployed', releases),
    call('show', `GET /v1/release/${id}`, result(properties)),
    call('is-available', `GET /v1/release/${id}/is_available`, whetherTrue),
    call('is-deployed', `GET /v1/release/${id}/is_deployed`, whetherTrue),
    call('is-committed', `GET /v1/release/${id}/is_committed`, whetherTrue),
    call(
      'delete --all',
      'GET /v1/release?show=patch&release=24.09',
      result(list(object({ release_id: text, component: anything }))),
    ),
    call('delete', `DELETE /v1/release/${id}`, result()),
    call('deploy show', 'GET /v1/deploy', result(list(deploymentRow(master)))),
    call('deploy host-list', 'GET /v1/deploy_host', result(list(hostRow(master)))),
    ...(master
      ? [
          call('deploy precheck', 'POST /v1/deploy/precheck', result(object({})), named),
          call('deploy precheck -f -o', 'POST /v1/deploy/precheck', result(object({})), {
            ...named,
            force: 'true',
            ...options,
          }),
          call('deploy start', 'POST /v1/deploy/start', started, named),
          call('deploy select', 'POST /v1/deploy/select', result(), { ...named, pre_upgrade_deploy: false }),
          call('deploy unselect', 'POST /v1/deploy/unselect', result(), { unselect_all: false, ...named }),
          call(
            'system-deploy show',
            'GET /v1/system_deploy',
            silentOnFailure(list(row(true, 'to_release to_k8s_version'))),
          ),
          call('metapackage list', 'GET /v1/release/metapackage', result(list(metapackageRow))),
          call('metapackage list --all', 'GET /v1/release/metapackage?all', result(list(metapackageRow))),
        ]
      : [
          call('deploy precheck', `POST /v1/deploy/${id}/precheck`, started, {}),
          call('deploy precheck -f', `POST /v1/deploy/${id}/precheck`, started, {
            force: 'true',
            ...options,
          }),
          call('deploy start', `POST /v1/deploy/${id}/start`, started, {}),
        ]),
    call('deploy host', `POST /v1/deploy_host/${host}`, result()),
    call('deploy host-rollback', `POST /v1/deploy_host/${host}/rollback`, result()),
    call('deploy activate', 'POST /v1/deploy/activate', result(), {}),
    call('deploy activate-rollback', 'POST /v1/deploy/activate_rollback', result(), {}),
    call('deploy complete', 'POST /v1/deploy/complete', result(), {}),
    call('deploy abort', 'POST /v1/deploy/abort', result(), {}),
    call('deploy delete', 'DELETE /v1/deploy', result()),
    call('install-local', 'POST /v1/deploy_host/install_local', result(), { delete: false }),
  ]
}

/** How `upload` reads its answer: the files it names, but for the signatures. */
export const uploaded = result(
  object({ upload_info: (value) => (value === null ? undefined : list(mapOfFiles)(value)) }),
)

const mapOfFiles: Need = (value) => {
  if (!isObject(value)) return `is ${JSON.stringify(value)}, not an object`
  for (const [file, what] of Object.entries(value)) {
    const why = file.endsWith('.sig') ? undefined : object({ id: anything })(what)
    if (why !== undefined) return `["${file}"]${why}`
  }
}

/** A table of all that it has; the table cannot be drawn of nothing. */
const properties: Need = (value) => (isFalsy(value) ? 'is empty' : object({})(value))

/** A line of a table: master's draws a list as a table within, and crashes on one that it has no headings for. */
function row(master: boolean, keys: string): Need {
  const cell: Need = (value) => (master && Array.isArray(value) ? 'is a list' : undefined)
  return object(Object.fromEntries(keys.split(' ').map((key) => [key, cell])))
}

function both(one: Need, other: Need): Need {
  return (value) => one(value) ?? other(value)
}

function releaseRow(release: SoftwareCli): Need {
  const keys = row(release === 'master', 'release_id reboot_required state')
  // Later clients sort by it.
  return release === '10' ? keys : both(keys, object({ release_id: text }))
}

const metapackageRow = both(
  row(true, 'release_id reboot_required state'),
  object({ release_id: text, sw_version: text }),
)

function deploymentRow(master: boolean): Need {
  const whole = row(master, 'from_release to_release reboot_required state')
  if (!master) return whole
  const partial = both(row(true, 'reboot_required state'), object({ metapackages: list(list(anything)) }))
  return (value) => {
    const ofParts = isObject(value) && 'metapackages' in value && value['product_deploy'] === false
    return both(ofParts ? partial : whole, object({ pre_upgrade_deploy: flag }))(value)
  }
}

function hostRow(master: boolean): Need {
  const keys = row(master, 'hostname software_release target_release reboot_required host_state')
  return master ? both(keys, object({ pre_upgrade_deploy: flag })) : keys
}

/** `check_rc`, then what the command reads, else `display_info`. */
function result(need: Need = anything): Read {
  return ({ status, body }) => {
    const json = parsed(body)
    if (json === undefined) return breaks('the body is not JSON')
    const { value } = json
    if (status !== 200) return said(status, value)
    if (value === true || typeof value === 'number') return breaks(`cannot look for "error" in ${body}`)
    if (isObject(value) && 'error' in value && value['error'] !== '') return said(status, value)
    const why = need(value)
    return why === undefined ? done : breaks(why)
  }
}

/** A precheck or a start; the latter may answer as the former did. */
const started: Read = (answer) => {
  const reading = result(object({}))(answer)
  if (!reading.ok) return reading
  const { value } = parsed(answer.body) ?? {}
  return isObject(value) && value['system_healthy'] === false ? fails('System is unhealthy for deploy') : done
}

const whetherTrue: Read = ({ status, body }) => {
  const json = parsed(body)
  if (json === undefined) return breaks('the body is not JSON')
  if (status === 500) return fails('An internal error has occurred')
  // It means to print the reason phrase, which its own answer object does not have.
  if (status !== 200) return breaks(`crashes on HTTP ${status}`)
  return json.value === true ? done : fails(json.value === false ? 'False' : body)
}

/** `system-deploy show` has no words for a failure at all. */
function silentOnFailure(need: Need): Read {
  return (answer) => {
    const reading = result(need)(answer)
    return reading.ok ? done : breaks(reading.why)
  }
}

/** What `display_info` prints. */
function said(status: number, value: unknown): Reading {
  if (!worded.has(status)) {
    if (!isObject(value)) return breaks(`nothing is said by ${JSON.stringify(value)}`)
    const words = ['error', 'warning', 'info']
      .map((key) => value[key])
      .find((one) => one !== '' && one !== undefined)
    return words === undefined ? breaks(`HTTP ${status} without a word`) : fails(shown(words))
  }
  if (Array.isArray(value)) return fails(`Status: ${status}`)
  if (!isObject(value)) return breaks(`HTTP ${status} with ${JSON.stringify(value)}`)
  for (const key of ['description', 'title']) {
    if (!(key in value)) continue
    const words = value[key]
    return typeof words === 'string'
      ? fails(words)
      : breaks(`.${key} is ${JSON.stringify(words)}, not a string`)
  }
  return 'error' in value ? fails(shown(value['error'])) : fails(`Status: ${status}`)
}

/** As Python prints it, where that is worth reading: strings. */
const shown = (words: unknown): string =>
  typeof words === 'string' ? words : `HTTP status of ${JSON.stringify(words)}`
