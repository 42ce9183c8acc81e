import { describe, expect, it } from 'vitest'
import { loadReleases } from '../replay/recordings.ts'
import type { Api, RecordedRelease } from '../replay/recordings.ts'
import { casesOf } from './cases.ts'
import type { ClassName } from './oracle/plan.ts'
import { toWrite } from './recordings.ts'
import type { RecordedWrite } from './recordings.ts'
import { replayRelease } from './suite.ts'

/** What no recording holds, in a recording's form: other faults, other ways to say the same, other mistakes. */
interface Exchange {
  readonly ask: string
  readonly becomes: ClassName
  readonly body?: string
  readonly type?: string
  readonly chunked?: boolean
  readonly status?: number
  readonly says?: string
  readonly broken?: string
}

const done = '{"info": "done\\n", "warning": "", "error": ""}'
const html = '<html><body><h1>503 Service Unavailable</h1>No server is available.</body></html>'
const applied = '{"info": "STX_22.12_PATCH_0003 is now in the repo\\n", "warning": "", "error": ""}'
const apply = 'POST /v1/apply/STX_22.12_PATCH_0003'
const form = 'multipart/form-data; boundary=cut'
const file = (name: string, field = 'file'): string =>
  `--cut\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\n\r\nbytes of ${name}\r\n`

const toPatching: readonly Exchange[] = [
  { ask: apply, becomes: 'relayed', says: applied },
  { ask: 'POST /patch/apply/STX_22.12_PATCH_0003', becomes: 'translated', says: applied },
  { ask: `${apply}?skip-semantic=yes&colour=red`, becomes: 'relayed', says: applied },
  {
    ask: 'POST /v1/remove/P1?removeunremovable=yes&skipappcheck=yes',
    becomes: 'relayed',
    says: '{"info": "P1 has been removed from the repo\\n", "warning": "", "error": ""}',
  },
  {
    ask: 'POST /v1/delete/STX_22.12_PATCH_0003/STX_22.12_PATCH_0004/P9',
    becomes: 'split',
    says: '{"info": "STX_22.12_PATCH_0003 has been deleted\\nSTX_22.12_PATCH_0004 has been deleted\\nP9 has been deleted\\n", "warning": "", "error": ""}',
  },
  {
    ask: 'POST /v1/apply/STX_22.12_PATCH_0004/P9/STX_22.12_PATCH_0003',
    becomes: 'split',
    says: '{"info": "STX_22.12_PATCH_0003 is now in the repo\\nSTX_22.12_PATCH_0004 is an unsupported patch format\\n", "warning": "", "error": ""}',
  },
  {
    ask: 'POST /v1/commit/P1/P2',
    becomes: 'split',
    says: '{"info": "The patches have been committed.", "error": ""}',
  },
  { ask: 'POST /v1/upload', type: form, body: `${file('P1.patch')}--cut--\r\n`, becomes: 'relayed' },
  {
    ask: 'POST /v1/upload',
    type: form,
    body: `${file('/home/sysadmin/P1.patch', 'any')}${file('P2.patch', 'other')}--cut--\r\n`,
    chunked: true,
    becomes: 'split',
  },
  { ask: 'POST /v1/upload', type: form, body: '--cut--\r\n', becomes: 'refused' },
  { ask: 'POST /v1/upload', type: 'text/plain', body: '["/home/P1.patch"]', becomes: 'refused' },
  { ask: 'GET /v1/upload_dir?dir0=/root', becomes: 'refused' },
  { ask: 'GET /v1/host_install_async/worker-0', becomes: 'refused' },
  { ask: 'PUT /v1/apply/P1', becomes: 'refused' },
  { ask: 'POST /v1/host_install_async/worker-0/rollback', becomes: 'refused' },
  { ask: 'POST /v1/drop_host/worker-0/force', becomes: 'refused' },
  { ask: 'POST /v1/apply/P1%2FP2', becomes: 'refused' },
  { ask: 'POST /v1/host_install_async/worker-0%2Fforce', becomes: 'refused' },
  { ask: 'POST /v1/apply/P1;x=1', becomes: 'refused' },
  { ask: apply, type: 'text/plain', body: 'anything', becomes: 'refused' },
  { ask: 'HEAD /v1/query_hosts', becomes: 'translated' },
  { ask: 'HEAD /v1/apply/P1', becomes: 'refused' },
  { ask: apply, status: 503, says: html, becomes: 'fault' },
  { ask: apply, status: 504, says: html, becomes: 'fault' },
  { ask: apply, status: 302, says: '', becomes: 'fault' },
  { ask: apply, status: 204, says: '', becomes: 'fault' },
  { ask: apply, status: 200, says: html, becomes: 'fault' },
  { ask: apply, status: 401, says: '{"error": {"code": 401, "title": "Unauthorized"}}', becomes: 'fault' },
  { ask: apply, status: 500, says: 'A server error occurred.', becomes: 'fault' },
  { ask: apply, broken: 'timed out', becomes: 'fault' },
  { ask: apply, broken: 'Connection reset by peer', becomes: 'fault' },
  { ask: apply, broken: 'IncompleteRead', status: 200, says: applied.slice(0, 20), becomes: 'fault' },
]

const precheck = 'POST /v1/deploy/starlingx-26.03.1/precheck'
const toUsm: readonly Exchange[] = [
  { ask: precheck, body: '{"force": "no", "options": ["a=b"]}', becomes: 'relayed' },
  { ask: precheck, body: '{"force": false, "pre_upgrade_deploy": false}', becomes: 'relayed' },
  { ask: `${precheck}?options=a%3Db&options=c%3Dd`, becomes: 'relayed' },
  { ask: precheck, body: '{"region_name": "RegionOne", "force": true}', becomes: 'relayed' },
  { ask: `${precheck}?force=true`, body: '{"force": "true"}', becomes: 'refused' },
  { ask: precheck, body: '{"force": "perhaps"}', becomes: 'refused' },
  { ask: precheck, body: '{"options": "/etc/passwd"}', becomes: 'refused' },
  { ask: precheck, body: '{"pre_upgrade_deploy": true}', becomes: 'refused' },
  { ask: 'POST /v1/deploy/precheck', body: '{"releases": ["starlingx-26.03.1"]}', becomes: 'translated' },
  { ask: 'POST /v1/deploy/start', body: '{"releases": ["a-1", "b-1"]}', becomes: 'refused' },
  { ask: 'POST /v1/deploy_host/controller-0/force/rollback', becomes: 'relayed' },
  { ask: 'POST /v1/deploy_host/install_local', body: '{"delete": true}', becomes: 'relayed' },
  { ask: 'POST /v1/deploy_host/install_local', becomes: 'relayed' },
  { ask: 'DELETE /v1/release/a-1/b-1/', becomes: 'relayed' },
  { ask: 'DELETE /v1/release/a-1/is_deployed', becomes: 'refused' },
  { ask: 'DELETE /v1/release/..%2fdeploy', becomes: 'refused' },
  { ask: 'POST /v1/system_deploy/a-1/init', body: '{"kube_version": "v1.30"}', becomes: 'refused' },
  {
    ask: 'POST /v1/upload',
    type: form,
    body: `${file('/home/x.patch', '/home/x.patch')}--cut--`,
    becomes: 'translated',
  },
  { ask: 'POST /v1/release', type: 'text/plain', body: '["/home/../x.patch"]', becomes: 'refused' },
  {
    ask: 'POST /v1/deploy/abort',
    status: 406,
    says: '{"info": "Abort is not supported", "error": ""}',
    becomes: 'relayed',
  },
  { ask: 'POST /v1/deploy/abort', status: 404, says: html, becomes: 'relayed' },
  {
    ask: 'POST /v1/deploy/abort',
    status: 503,
    says: '{"message": "down", "code": "503 Service Unavailable"}',
    becomes: 'fault',
  },
  { ask: 'POST /v1/deploy/abort', status: 502, says: html, becomes: 'fault' },
  { ask: 'POST /v1/deploy/activate', broken: 'timed out', becomes: 'fault' },
  { ask: 'DELETE /v1/deploy', broken: 'Connection aborted', becomes: 'fault' },
]

const toMaster: readonly Exchange[] = [
  {
    ask: 'POST /v1/deploy/select',
    body: '{"releases": ["a-1", "b-1"], "pre_upgrade_deploy": "false"}',
    becomes: 'relayed',
  },
  { ask: 'POST /v1/deploy/unselect', body: '{"unselect_all": true}', becomes: 'relayed' },
  {
    ask: 'POST /v1/deploy/start',
    body: '{"releases": ["a-1"], "remove": true, "force": "true"}',
    becomes: 'relayed',
  },
  { ask: 'POST /v1/deploy/a-1/start', body: '{"options": ["a=b"]}', becomes: 'translated' },
  { ask: 'POST /v1/deploy/start', body: '{"releases": ["a-1", "b/c"]}', becomes: 'refused' },
  { ask: 'DELETE /v1/system_deploy', becomes: 'relayed' },
  { ask: 'POST /v1/deploy/activate-rollback', body: '{}', becomes: 'translated' },
  { ask: 'POST /v1/deploy_host/controller-0?force=true', becomes: 'translated' },
]

const toStx9: readonly Exchange[] = [
  { ask: 'POST /v1/software/deploy_start/starlingx-23.09.2/force', body: '{}', becomes: 'translated' },
  { ask: 'POST /v1/deploy/starlingx-23.09.2/start', body: '{"force": true}', becomes: 'translated' },
  { ask: 'POST /v1/deploy/starlingx-23.09.2/precheck', body: '{}', becomes: 'translated' },
  { ask: 'POST /v1/deploy/activate', body: '{}', becomes: 'translated' },
  { ask: 'POST /v1/software/deploy_complete/starlingx-23.09.2', body: '{}', becomes: 'translated' },
  { ask: 'DELETE /v1/release/a-1/b-1', becomes: 'translated' },
  { ask: 'POST /v1/deploy_host/controller-0/force', becomes: 'translated' },
  { ask: 'POST /v1/deploy_host/controller-0/rollback', becomes: 'refused' },
  { ask: 'POST /v1/deploy_host/install_local', body: '{"delete": true}', becomes: 'refused' },
  { ask: 'POST /v1/deploy/abort', body: '{}', becomes: 'refused' },
  { ask: 'GET /v1/software/deploy_start/starlingx-23.09.2', becomes: 'refused' },
]

/** stx 9 while it deploys: no recording shows that. */
const deploying = [
  {
    path: '/v1/software/deploy_show',
    says: '{"from_release": "23.09.0", "to_release": "23.09.2", "state": "host"}',
  },
  {
    path: '/v1/software/query',
    says: '{"sd": {"starlingx-23.09.2": {"state": "deploying", "sw_version": "23.09.2"}}}',
  },
].map(({ path, says }) =>
  toWrite('usm', 'usm/deploying/read.json', exchange({ ask: `GET ${path}`, says, becomes: 'relayed' })),
)

describe.each([
  ['patching', 'stx8.0', [], toPatching],
  ['usm', 'stx12.0', [], toUsm],
  ['usm', 'master', [], toMaster],
  ['usm', 'stx9.0', deploying, toStx9],
] as const)('what no recording of %s %s holds', (api, name, more, exchanges) => {
  const recorded = releaseOf(api, name)
  const reads = { ...recorded, reads: [...more, ...recorded.reads] }
  const writes = exchanges.map((one, at): RecordedWrite =>
    toWrite(api, `${api}/unseen/${String(at).padStart(2, '0')}.json`, exchange(one)),
  )
  const release = { api, release: 'unseen', reads, writes }

  it('falls into its class by rule', () => {
    const classes = casesOf(release).cases.map(({ title, plan }) => `${title} ${plan.class}`)
    expect(classes).toEqual(
      exchanges.map(({ ask, becomes }, at) => `${String(at).padStart(2, '0')}: ${ask} ${becomes}`),
    )
  })
  replayRelease(release)
})

function releaseOf(api: Api, release: string): RecordedRelease {
  const found = loadReleases().find((one) => one.api === api && one.release === release)
  if (found === undefined) throw new Error(`no recordings of ${api} ${release}`)
  return found
}

function exchange({ ask, body, type, chunked = false, status, says = done, broken }: Exchange): string {
  const [method = '', path = ''] = ask.split(' ')
  const headers = {
    Accept: '*/*',
    ...(body !== undefined && { 'Content-Type': type ?? 'application/json' }),
    ...(chunked && { 'Transfer-Encoding': 'chunked' }),
  }
  const answered = broken === undefined || status !== undefined
  return JSON.stringify({
    scenario: 'idle',
    request: { method, path, headers, body: body ?? null },
    response: answered
      ? {
          status: status ?? 200,
          http_version: 'HTTP/1.0',
          headers: { 'Content-Type': 'application/json' },
          body: says,
        }
      : null,
    ...(broken !== undefined && { transport_error: broken }),
  })
}
