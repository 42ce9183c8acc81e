import { isObject } from './json.ts'

/**
 * stx 9 answers in shapes of its own; these functions give the documented ones (docs/quirks.md, "stx 9 speaks
 * RPC"). What they don't recognise they hand on untouched, for the check of the documented shape to refuse.
 */

/** `{"sd": {id: record}}` with "Y"/"N", as in recording usm/stx9.0/query. */
export function stx9Releases(value: unknown): unknown {
  if (!isObject(value) || !isObject(value['sd'])) return value
  return Object.entries(value['sd']).map(([id, record]) =>
    isObject(record)
      ? {
          ...record,
          release_id: id,
          ...('unremovable' in record && { unremovable: truth(record['unremovable']) }),
          ...('reboot_required' in record && { reboot_required: truth(record['reboot_required']) }),
        }
      : record,
  )
}

/** The deployment itself, or `{}` where there is none. */
export function stx9Deployments(value: unknown): unknown {
  if (!isObject(value) || 'error' in value) return value
  return Object.keys(value).length === 0 ? [] : [value]
}

/** `{"data": […]}`: hosts of a deployment have a `deploy_host_state`; without a deployment it lists agents instead. */
export function stx9DeployHosts(value: unknown): unknown {
  if (!isObject(value) || !Array.isArray(value['data'])) return value
  return value['data']
    .filter((host) => !isObject(host) || 'deploy_host_state' in host)
    .map((host) =>
      isObject(host)
        ? {
            hostname: host['hostname'],
            software_release: host['sw_version'] ?? null,
            target_release: host['to_release'] ?? null,
            reboot_required: host['reboot_required'] ?? null,
            host_state: host['deploy_host_state'],
          }
        : host,
    )
}

/** stx 9 has no `software_upgrade`: it is told from the deployment, versions as MM.mm, as later releases do. */
export function stx9Upgrade(value: unknown): unknown {
  if (!isObject(value) || 'error' in value) return value
  if (Object.keys(value).length === 0) return null
  return {
    from_release: major(value['from_release']),
    to_release: major(value['to_release']),
    state: value['state'] ?? null,
  }
}

function major(version: unknown): unknown {
  return typeof version === 'string' ? version.split('.').slice(0, 2).join('.') : (version ?? null)
}

function truth(value: unknown): unknown {
  return value === 'Y' ? true : value === 'N' ? false : value
}
