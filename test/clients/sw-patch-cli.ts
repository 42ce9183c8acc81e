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
import { anything, isObject, list, map, object, text, type Need } from './needs.ts'

// The `sw-patch` command line on the controller itself, without a region name and so without a token, read in
// starlingx/update, cgcs_patch/patch_client.py; stx 8 and 9 have the same.

export type SwPatchCli = '6' | '8' | '9'

/** The commands of one release of the client; `patch` and `host` are what they are about. */
export function swPatchCli(
  release: SwPatchCli,
  { patch, host }: { patch: string; host: string },
): ClientCall[] {
  const call = (command: string, at: string, read: Read, file = ''): ClientCall => {
    const { method, path } = methodAndPath(at)
    const boundary = '7d5bb7a9ac364ea59e9d4d3a8c1f0b2e'
    const body = file === '' ? '' : filePart(file, boundary)
    const headers = {
      'User-Agent': 'python-requests/2.28.1',
      'Accept-Encoding': 'gzip, deflate',
      Accept: '*/*',
      Connection: 'keep-alive',
      ...(body !== '' && { 'Content-Type': `multipart/form-data; boundary=${boundary}` }),
      ...(method === 'POST' && body === '' && { 'Content-Length': '0' }),
    }
    return clientCall(`sw-patch ${release}`, command, { method, path: `/patch/${path}`, headers, body }, read)
  }
  return [
    call('query', 'GET query?show=all', result(patches)),
    call('query applied', 'GET query?show=applied', result(patches)),
    call('query --release', 'GET query?show=all&release=22.12', result(patches)),
    call('query-hosts', 'GET query_hosts', result(object({ data: list(agent) }))),
    call('show', `POST show/${patch}`, result(release === '6' ? shown(rpmContents) : shown(ostreeContents))),
    call('what-requires', `GET what_requires/${patch}`, result(anything)),
    call('query-dependencies', `GET query_dependencies/${patch}`, result(object({ patches: list(text) }))),
    call(
      'query-dependencies --recursive',
      `GET query_dependencies/${patch}?recursive=yes`,
      result(object({ patches: list(text) })),
    ),
    call('is-applied', `POST is_applied/${patch}`, whetherTrue),
    call('is-available', `POST is_available/${patch}`, whetherTrue),
    call('query-app-dependencies', 'POST query_app_dependencies', appDependencies),
    call('apply', `POST apply/${patch}`, result(anything)),
    call('remove', `POST remove/${patch}`, result(anything)),
    call('delete', `POST delete/${patch}`, result(anything)),
    call('host-install-async', `POST host_install_async/${host}`, result(anything)),
    call('host-install', `POST host_install_async/${host}`, polled),
    call('drop-host', `POST drop_host/${host}`, result(anything)),
    call('upload', 'POST upload', result(anything), 'x.patch'),
  ]
}

/** As its `MultipartEncoder` writes it. */
function filePart(name: string, boundary: string): string {
  const head = `Content-Disposition: form-data; name="file"; filename="${name}"`
  return [`--${boundary}`, head, '', 'garbage patch', `--${boundary}--`, ''].join('\r\n')
}

const patches = object({
  pd: map(object({ sw_version: text, repostate: text, patchstate: text }, { reboot_required: text })),
})

/** The widths of columns are those of texts: a null is as bad as no key. */
const agent = object({
  hostname: text,
  ip: text,
  sw_version: text,
  state: text,
  patch_current: anything,
  patch_failed: anything,
  requires_reboot: anything,
})

const texts = ['sw_version', 'patchstate', 'repostate', 'status', 'unremovable', 'reboot_required', 'summary']
const longTexts = ['apply_active_release_only', 'description', 'install_instructions', 'warnings']

function shown(contents: Need): Need {
  const metadata = Object.fromEntries([...texts, ...longTexts].map((key) => [key, text]))
  return object({ metadata: map(object({}, { ...metadata, requires: list(text) })), contents: map(contents) })
}

/** stx 6 prints what it can iterate over: names of packages. */
const rpmContents: Need = (value) => (isObject(value) ? undefined : list(text)(value))

const digits: Need = (value) =>
  /^\d+$/.test(String(value)) && typeof value === 'string'
    ? undefined
    : `is ${JSON.stringify(value)}, not digits`
const commit = object({ commit: text })
const ostreeContents: Need = (value) => {
  const why = object({}, { base: commit, number_of_commits: digits })(value)
  if (why !== undefined || !isObject(value) || !('number_of_commits' in value)) return why
  const names = Array.from({ length: Number(value['number_of_commits']) }, (_, i) => `commit${i + 1}`)
  return object(Object.fromEntries(names.map((name) => [name, commit])))(value)
}

/** `check_rc` and `print_patch_op_result`: whatever is neither 200 nor 500 it passes over in silence. */
function result(need: Need): Read {
  return ({ status, body }) => {
    if (status === 500) return fails('An internal error has occurred')
    if (status !== 200) return breaks(`prints nothing of HTTP ${status}`)
    const json = parsed(body)
    if (json === undefined) return breaks('the body is not JSON')
    if (!isObject(json.value)) return breaks(`cannot look for "error" in ${body}`)
    const { error } = json.value
    if ('error' in json.value && error !== '') return fails(String(error))
    const why = need(json.value)
    return why === undefined ? done : breaks(why)
  }
}

const whetherTrue: Read = ({ status, body }) => {
  if (status === 500) return fails('An internal error has occurred')
  if (status !== 200) return breaks(`prints nothing of HTTP ${status}`)
  const json = parsed(body)
  if (json === undefined) return breaks('the body is not JSON')
  return json.value === true ? done : fails(body)
}

const appDependencies: Read = ({ status, body }) => {
  if (status !== 200) return fails('An internal error has occurred')
  const json = parsed(body)
  if (json === undefined) return breaks('the body is not JSON')
  const why = map(list(text))(json.value)
  return why === undefined ? done : breaks(why)
}

/** `host-install` looks for its own words in what is neither 200 nor 500, and crashes without them. */
const polled: Read = (answer) => {
  const { status, body } = answer
  if (status === 200 || status === 500) return result(anything)(answer)
  const words = /Error message:.*/.exec(body)?.[0]
  return words === undefined ? breaks(`crashes on HTTP ${status}`) : fails(words)
}
