import type { SimRequest } from './request.ts'
import { segmentsOf } from './request.ts'

/** Verbs of Patching that change something, whatever the HTTP method. */
const patchingVerbs =
  /^(apply|remove|delete|commit|upload|upload_dir|host_install|host_install_async|drop_host|init_release|del_release|report_app_dependencies)$/
/** Verbs of stx 9's USM that do. */
const usmVerbs = /^(upload|delete|commit_patch|install_local|deploy_(precheck|start|host|activate|complete))$/

/** Whether a request is to change something: by its method, or because a verb in its path says so. */
export function isWrite(request: SimRequest): boolean {
  if (!['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return true
  const [, first = '', second = ''] = segmentsOf(request)
  return patchingVerbs.test(first) || (first === 'software' && usmVerbs.test(second))
}
