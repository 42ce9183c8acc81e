import { pathSegments } from './routes.ts'
import type { Api } from './recordings.ts'

const patchingVerbs =
  /^(apply|remove|delete|commit|upload|upload_dir|host_install(_async)?|drop_host|(init|del)_release|report_app_dependencies)$/
const softwareVerbs = /^(upload|delete|install_local|commit_patch|software_sync|deploy_(?!show$).+)$/
const deployActions =
  /^(precheck|start|select|unselect|complete|activate(_rollback)?|abort|delete|software_sync)$/
const releaseActions = /^(commit|upload|delete)$/

/**
 * Whether a real region changes something when it gets this path, whatever the method: Patching and stx 9 do so
 * for GET too, later releases only for other methods.
 */
export function mutates(api: Api, pathname: string): boolean {
  const [prefix = '', area = '', ...rest] = pathSegments(asRouted(pathname))
  if (api === 'patching') return (prefix === 'v1' || prefix === 'patch') && patchingVerbs.test(area)
  if (prefix !== 'v1') return false
  if (area === 'upload') return true
  if (area === 'software') return softwareVerbs.test(rest[0] ?? '')
  if (area === 'deploy') return rest.slice(0, 2).some((segment) => deployActions.test(segment))
  if (area === 'deploy_host') return rest.length > 0 && rest[0] !== 'next'
  if (area === 'release') return rest.length > 1 && releaseActions.test(rest.at(-1) ?? '')
  return area === 'system_deploy' && rest.at(-1) === 'init'
}

/** Real regions decode a path before they split it, so an encoded slash divides too. */
function asRouted(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}
