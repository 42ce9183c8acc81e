/** Answers of the StarlingX releases, shortened from recordings of real ones. */

const links = (service: string): string =>
  `"${service}": [{"href": "http://127.0.0.1:5493/v1/${service}/", "rel": "self"}]`

/** `GET /v1` of stx 9, and of 10 to master. */
export const versionOfStx9 = `{"id": "v1", "media_types": [], "links": [], ${links('software')}}`
export const versionOfStx10 = `{"id": "v1", "media_types": [], "links": [], ${links('software')}, ${links('release')}, ${links('deploy')}}`

export const releasesOfStx9 =
  '{"sd": {"starlingx-23.09.0": {"state": "deployed", "sw_version": "23.09.0", "status": "REL", "unremovable": "Y", "reboot_required": "Y", "requires": [], "packages": []}}}'

/** `GET /v1/release` with one deployed release; stx 11 and later tell of `preinstalled_patches`, master of `metapackages`. */
export function releases(version: string, extra = ''): string {
  return `[{"release_id": "starlingx-${version}", "state": "deployed", "sw_version": "${version}", "component": "starlingx", "status": "REL", "unremovable": true, "reboot_required": true, "requires": [], "packages": []${extra}}]`
}
export const releasesOfStx10 = releases('24.09.0')
export const releasesOfStx11 = releases('25.09.0', ', "preinstalled_patches": []')
export const releasesOfStx12 = releases('26.03.0', ', "preinstalled_patches": []')
export const releasesOfMaster = releases(
  '26.10.0',
  ', "preinstalled_patches": [], "metapackages": {"base_26.10.0": {"state": "deployed"}}',
)

/** What stx 9 answers to a path of later releases, stx 10 and 11 to any unknown path, stx 12 to one. */
export const stx9Unknown = {
  status: '500 Internal Server Error',
  body: '{"info": "", "warning": "", "error": "Internal error occurred. Error signature [94c21d4c]"}',
}
export const stx10Unknown = {
  status: '404 Not Found',
  body: '{"code": 404, "title": "Not Found", "description": ""}',
}
export const stx10UnknownOnLoopback = {
  status: '500 Internal Server Error',
  body: 'A server error occurred.  Please contact the administrator.',
}
export const stx12Unknown = {
  status: '404 Not Found',
  body: '{"info": "", "warning": "", "error": "The resource could not be found."}',
}

const host = (version: string, own: string): string =>
  `{"data": [{"ip": "192.168.204.2", "hostname": "controller-0", "patch_current": true, "secs_since_ack": 7, "patch_failed": false, "stale_details": false, ${own}, "nodetype": "controller", "subfunctions": ["controller"], "sw_version": "${version}", "state": "idle", "requires_reboot": false, "allow_insvc_patching": true, "interim_state": false}]}`

/** `GET /v1/query_hosts` of Patching before stx 7, and since. */
export const hostsOfRpm = (version: string): string =>
  host(version, '"installed": {"sysinv": "1.0-101.tis@x86_64"}, "to_remove": [], "missing_pkgs": []')
export const hostsOfOstree = (version: string): string =>
  host(version, '"latest_sysroot_commit": "80325515f7aca38fbfa00744db1963ba961f540183d8fa905989f99cbfa1d54c"')
export const noHosts = '{"data": []}'

/** `GET /v1/query`. */
export const patches = (version: string, state = 'Applied'): string =>
  `{"pd": {"STX_${version}_PATCH_0001": {"repostate": "Applied", "patchstate": "${state}", "sw_version": "${version}", "status": "REL", "unremovable": "N", "summary": "", "reboot_required": "N", "requires": []}}}`

export const deployments =
  '[{"from_release": "24.09.0", "to_release": "24.09.1", "feed_repo": "/x", "commit_id": "c1", "reboot_required": true, "state": "host"}]'
export const deployHosts =
  '[{"hostname": "controller-0", "software_release": "24.09.0", "target_release": "24.09.1", "reboot_required": true, "host_state": "deployed"}, {"hostname": "controller-1", "software_release": "24.09.0", "target_release": "24.09.1", "reboot_required": true, "host_state": "pending"}]'

/** What a region of stx 10 answers to GET, both services at one address. */
export const readsOfStx10: ReadonlyMap<string, string> = new Map([
  ['/v1', versionOfStx10],
  ['/v1/release', releasesOfStx10],
  ['/v1/deploy', deployments],
  ['/v1/deploy_host', deployHosts],
  ['/v1/query', patches('24.09')],
  ['/v1/query_hosts', hostsOfOstree('24.09')],
])
