import { isArray, isObject } from '../json.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Read, Wording } from '../routes.ts'

type Translation = (json: Json) => Json

/** From the words of stx 9 to the documented ones; reads without an entry are worded alike. */
const fromVerbs: Readonly<Partial<Record<Read, Translation>>> = {
  releases: toReleases,
  release: toReleases,
  release_is: toReleases,
  deploy: (json) => (isObject(json) ? (Object.keys(json).length === 0 ? [] : [json]) : json),
  deploy_host: toHosts,
  software_upgrade: toUpgrade,
}

/** The documented shape of what a region answered. */
export function toDocumented(wording: Wording, read: Read, json: Json): Json {
  const translate = wording === 'verbs' ? fromVerbs[read] : undefined
  return translate === undefined ? json : translate(json)
}

function toReleases(json: Json): Json {
  const map = isObject(json) ? json['sd'] : undefined
  if (!isObject(map)) return []
  return Object.entries(map).map(([id, release]) =>
    Object.assign({ release_id: id }, isObject(release) ? withBooleans(release) : {}),
  )
}

function withBooleans(release: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(release).map(([key, value]) => {
      const isFlag = key === 'unremovable' || key === 'reboot_required'
      return [key, isFlag && (value === 'Y' || value === 'N') ? value === 'Y' : value]
    }),
  )
}

function toHosts(json: Json): Json {
  const hosts = isObject(json) && isArray(json['data']) ? json['data'] : []
  return hosts.filter(isObject).flatMap((host) => {
    const state = host['deploy_host_state']
    if (state === undefined) return []
    return [
      {
        hostname: host['hostname'] ?? null,
        software_release: host['sw_version'] ?? null,
        target_release: host['to_release'] ?? null,
        reboot_required: host['reboot_required'] ?? null,
        host_state: state,
      },
    ]
  })
}

/** Later releases tell of an upgrade by major releases: 23.09 where the deployment says 23.09.1. */
function toUpgrade(json: Json): Json {
  if (!isObject(json) || Object.keys(json).length === 0) return null
  const { from_release: from = null, to_release: to = null, state = null } = json
  return { from_release: toMajor(from), to_release: toMajor(to), state }
}

function toMajor(version: Json): Json {
  return typeof version === 'string' ? version.split('.').slice(0, 2).join('.') : version
}
