import type { SimRequest } from './request.ts'
import { segmentsOf } from './request.ts'

/** Verbs of Patching that change something, whatever the HTTP method. */
const patchingVerbs =
  /^(apply|remove|delete|commit|upload|upload_dir|host_install|host_install_async|drop_host|init_release|del_release|report_app_dependencies)$/
/** Verbs of stx 9's USM that do. */
const usmVerbs = /^(upload|delete|commit_patch|install_local|deploy_(precheck|start|host|activate|complete))$/

/** What reads whatever its method: the CLI of Patching asks for most things by POST. */
const reads =
  /^(query|show|query_hosts|what_requires|query_dependencies|query_app_dependencies|is_applied|is_available|commit_dry_run)$/
/** A quick look, since most requests are plain reads. */
const suspicious = /apply|remove|delete|commit|upload|install|drop_host|_release|report_app|deploy_|%/

/** Whether a request is to change something: by its method, or because a verb in its path says so. */
export function isWrite(request: SimRequest): boolean {
  const byMethod = !['GET', 'HEAD', 'OPTIONS'].includes(request.method)
  if (!byMethod && !suspicious.test(request.target)) return false
  const [, first = '', second = ''] = segmentsOf(request)
  if (patchingVerbs.test(first) || (first === 'software' && usmVerbs.test(second))) return true
  return byMethod && !reads.test(first) && !(first === 'software' && reads.test(second))
}
