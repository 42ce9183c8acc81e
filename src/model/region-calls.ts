import { toCalls, type RegionCall } from './region-call.ts'

/** `GET` and `POST` are the same to Patching; `sw-patch` uses either (docs/quirks.md, "Patching takes any method"). */
const asked = 'GET|POST'
/** A start or a precheck: which releases, and how. */
const deploying = ['releases', 'force', 'options', 'pre_upgrade_deploy']

const usmReads = toCalls('usm', 'read', {
  show_versions: { at: ['GET /', 'GET /v1'], summary: 'Which versions of the API there are' },
  list_releases: { at: 'GET /v1/release', parameters: ['show', 'release'], summary: 'Releases' },
  list_metapackages: {
    at: 'GET /v1/release/metapackage',
    parameters: ['show', 'release', 'all', 'pre-upgrade-deploy'],
    summary: 'Metapackages',
  },
  // Regions answer two with a 404 (recording usm/stx10.0/release-show-two), which the command line knows to print.
  show_release: { at: 'GET /v1/release/{ids}', summary: 'One release' },
  is_available: { at: 'GET /v1/release/{ids}/is_available', summary: 'Whether releases are available' },
  is_deployed: { at: 'GET /v1/release/{ids}/is_deployed', summary: 'Whether releases are deployed' },
  is_committed: { at: 'GET /v1/release/{ids}/is_committed', summary: 'Whether releases are committed' },
  commit_dry_run: {
    at: 'POST /v1/release/{ids}/commit_dry_run',
    summary: 'What a commit would free',
  },
  show_deployment: {
    at: 'GET /v1/deploy',
    parameters: ['from_release', 'to_release'],
    summary: 'The deployment under way',
  },
  show_software_upgrade: {
    at: ['GET /v1/software_upgrade', 'GET /v1/deploy/software_upgrade'],
    summary: 'The deployment under way, as other services see it',
  },
  list_deploy_hosts: { at: 'GET /v1/deploy_host', summary: 'Hosts of the deployment' },
  next_deploy_host: {
    at: 'GET /v1/deploy_host/next',
    parameters: ['hostname'],
    summary: 'Whether a host is the next to be deployed',
  },
  show_in_sync_controller: {
    at: 'GET /v1/software/in_sync_controller',
    summary: 'Whether both controllers hold the same data',
  },
  show_system_deploy: { at: 'GET /v1/system_deploy', summary: 'The system deployment under way' },
})

const usmWrites = toCalls('usm', 'write', {
  upload_release: {
    at: ['POST /v1/upload', 'POST /v1/release'],
    limit: 'upload',
    summary: 'Uploads release files, or names files on the controller',
  },
  delete_release: { at: 'DELETE /v1/release/{ids}', summary: 'Deletes releases that are not deployed' },
  commit_release: { at: 'POST /v1/release/{ids}/commit', summary: 'Commits releases, for good' },
  precheck: {
    at: ['POST /v1/deploy/{id}/precheck', 'POST /v1/deploy/precheck'],
    parameters: [...deploying, 'region_name'],
    limit: 'precheck',
    summary: 'Checks whether a release can be deployed',
  },
  start_deployment: {
    at: ['POST /v1/deploy/{id}/start', 'POST /v1/deploy/start'],
    parameters: [...deploying, 'remove'],
    limit: 'precheck',
    summary: 'Starts the deployment of a release',
  },
  select_releases: {
    at: 'POST /v1/deploy/select',
    parameters: ['releases', 'pre_upgrade_deploy', 'remove'],
    summary: 'Selects metapackages for deployment',
  },
  unselect_releases: {
    at: 'POST /v1/deploy/unselect',
    parameters: ['releases', 'pre_upgrade_deploy', 'unselect_all'],
    summary: 'Takes metapackages out of the selection',
  },
  install_local: {
    at: 'POST /v1/deploy_host/install_local',
    parameters: ['delete'],
    summary: 'Has the controller install its own packages at its next boot',
  },
  deploy_host: {
    at: 'POST /v1/deploy_host/{host}/{flags}',
    parameters: ['force'],
    limit: 'host_deploy',
    summary: 'Deploys, or rolls back, one host',
  },
  activate_deployment: {
    at: 'POST /v1/deploy/activate',
    summary: 'Activates the deployment',
  },
  roll_back_activation: {
    // VIM of stx 10 writes it with a hyphen.
    at: ['POST /v1/deploy/activate_rollback', 'POST /v1/deploy/activate-rollback'],
    summary: 'Takes the activation back',
  },
  complete_deployment: { at: 'POST /v1/deploy/complete', summary: 'Completes the deployment' },
  abort_deployment: { at: 'POST /v1/deploy/abort', summary: 'Aborts the deployment' },
  delete_deployment: {
    at: ['DELETE /v1/deploy', 'DELETE /v1/deploy/delete'],
    summary: 'Deletes the finished deployment',
  },
  sync_software: { at: 'POST /v1/deploy/software_sync', summary: 'Has both controllers share their data' },
  init_system_deploy: {
    at: 'POST /v1/system_deploy/{id}/init',
    parameters: ['kube_version'],
    summary: 'Begins a system deployment',
  },
  delete_system_deploy: { at: 'DELETE /v1/system_deploy', summary: 'Ends the system deployment' },
})

const patchingReads = toCalls('patching', 'read', {
  show_patching_version: { at: 'GET /', summary: 'Which version of the API there is' },
  query_patches: { at: `${asked} /v1/query`, parameters: ['show', 'release'], summary: 'Patches' },
  query_hosts: { at: `${asked} /v1/query_hosts`, summary: 'Hosts, patch-current or not' },
  show_patch: { at: `${asked} /v1/show/{ids}`, summary: 'Patches in full' },
  what_requires: { at: `${asked} /v1/what_requires/{ids}`, summary: 'What requires these patches' },
  query_dependencies: {
    at: `${asked} /v1/query_dependencies/{ids}`,
    parameters: ['recursive'],
    summary: 'What these patches require',
  },
  is_patch_applied: { at: `${asked} /v1/is_applied/{ids}`, summary: 'Whether patches are applied' },
  is_patch_available: { at: `${asked} /v1/is_available/{ids}`, summary: 'Whether patches are available' },
  query_app_dependencies: {
    at: `${asked} /v1/query_app_dependencies`,
    summary: 'Patches that applications depend on',
  },
  commit_patch_dry_run: {
    at: `${asked} /v1/commit_dry_run/{ids}`,
    summary: 'What a commit would free',
  },
})

const patchingWrites = toCalls('patching', 'write', {
  upload_patch: { at: 'POST /v1/upload', limit: 'upload', summary: 'Uploads patches' },
  upload_patch_dir: {
    at: 'POST /v1/upload_dir',
    refused: "it names a folder on the region's controller: upload the patch files instead",
    summary: "Uploads a folder of the region's controller",
  },
  apply_patch: {
    at: 'POST /v1/apply/{ids}',
    parameters: ['skip-semantic'],
    summary: 'Applies patches',
  },
  remove_patch: {
    at: 'POST /v1/remove/{ids}',
    parameters: ['removeunremovable', 'skipappcheck', 'skip-semantic'],
    summary: 'Removes applied patches',
  },
  delete_patch: { at: 'POST /v1/delete/{ids}', summary: 'Deletes available patches' },
  commit_patch: { at: 'POST /v1/commit/{ids}', summary: 'Commits patches, for good' },
  install_host: { at: 'POST /v1/host_install/{host}', summary: 'Deprecated: regions say so' },
  install_host_async: {
    at: 'POST /v1/host_install_async/{host}/{flags}',
    summary: 'Asks a host to install its patches',
  },
  drop_host: { at: 'POST /v1/drop_host/{host}', summary: 'Drops a host from the table' },
  init_release: { at: 'POST /v1/init_release/{id}', summary: 'Prepares for a release' },
  delete_patch_release: { at: 'POST /v1/del_release/{id}', summary: 'Drops a release' },
  report_app_dependencies: {
    at: ['POST /v1/report_app_dependencies/{ids}', 'POST /v1/report_app_dependencies'],
    parameters: ['app'],
    summary: 'Says which patches an application depends on',
  },
})

/** Every call that reaches a single region. What is not here is not relayed. */
export const regionCalls: readonly RegionCall[] = [
  ...usmReads,
  ...usmWrites,
  ...patchingReads,
  ...patchingWrites,
]

export type UsmCall = (typeof usmReads | typeof usmWrites)[number]['name']
export type PatchingCall = (typeof patchingReads | typeof patchingWrites)[number]['name']
