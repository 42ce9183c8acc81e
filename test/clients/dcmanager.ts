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
import { anything, isFalsy, isObject, list, object, text, type Need } from './needs.ts'

// dcmanager's driver of USM and what its callers read, in starlingx/distcloud, dccommon/drivers/openstack/
// software_v1.py, dcmanager/audit/software_audit.py, dcmanager/common/utils.py. It drops the path of its endpoint.

export type DcManager = '10' | '11' | '12' | 'master'

export function dcmanager(
  release: DcManager,
  { token, ids }: { token: string; ids: readonly string[] },
): ClientCall[] {
  const headers = {
    'User-Agent': 'dcmanager keystoneauth1/5.0.0 python-requests/2.28.1 CPython/3.11.2',
    'Accept-Encoding': 'gzip, deflate',
    Accept: '*/*',
    Connection: 'keep-alive',
    'X-Auth-Token': token,
    'User-Header': 'distcloud',
  }
  const call = (command: string, at: string, read: Read): ClientCall => {
    const { method, path } = methodAndPath(at)
    const empty = method === 'GET' ? {} : { 'Content-Length': '0' }
    return clientCall(
      `dcmanager ${release}`,
      command,
      { method, path, headers: { ...headers, ...empty }, body: '' },
      read,
    )
  }
  const [id = ''] = ids
  return [
    call('list', 'GET /v1/release', handled(list(listed(release)))),
    call('show_deploy', 'GET /v1/deploy', handled(list(anything))),
    call('delete', `DELETE /v1/release/${ids.join('/')}`, handled(anything)),
    ...(release === '10' ? [] : [call('deploy_delete', 'DELETE /v1/deploy', handled(anything))]),
    ...(release === 'master'
      ? []
      : [
          call('show', `GET /v1/release/${id}`, handled(object({}))),
          call('deploy_precheck', `POST /v1/deploy/${id}/precheck`, handled(anything)),
        ]),
  ]
}

/** Versions are taken apart at their dots. */
function listed(release: DcManager): Need {
  const keys = { release_id: text, state: text, sw_version: text }
  return object(release === '10' ? keys : { ...keys, reboot_required: anything })
}

/** `_handle_response`: 200 and nothing else. */
function handled(need: Need): Read {
  return ({ status, body }) => {
    if (status !== 200) return fails(`failed with RC: ${status}`)
    const json = parsed(body)
    if (json === undefined) return breaks('the body is not JSON')
    const { value } = json
    if (isObject(value) && !isFalsy(value['error'])) return fails(String(value['error']))
    const why = need(value)
    return why === undefined ? done : breaks(why)
  }
}
